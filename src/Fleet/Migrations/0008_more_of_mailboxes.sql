-- Addresses of domains on servers of ours whose mail goes on to others.
create table fleet.mailbox_alias (
  tenant_id uuid not null,
  id uuid not null,
  domain_id uuid not null,
  address text not null,
  targets text[] not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint mailbox_alias_once unique (tenant_id, address),
  constraint mailbox_alias_normal check (address = lower(address)),
  constraint mailbox_alias_targets_range check (cardinality(targets) between 1 and 100)
);
create index mailbox_alias_domain on fleet.mailbox_alias (tenant_id, domain_id, id);
alter table fleet.mailbox_alias enable row level security;
alter table fleet.mailbox_alias force row level security;
create policy tenant on fleet.mailbox_alias
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox_alias to penguin_app;

-- Passwords beside a mailbox's own, one for each program that reads it. The values lie in the secret store.
create table fleet.app_password (
  tenant_id uuid not null,
  id uuid not null,
  mailbox_id uuid not null,
  label text not null,
  secret_version integer not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, mailbox_id) references fleet.mailbox (tenant_id, id) on delete cascade,
  constraint app_password_once unique (tenant_id, mailbox_id, label)
);
alter table fleet.app_password enable row level security;
alter table fleet.app_password force row level security;
create policy tenant on fleet.app_password
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.app_password to penguin_app;
