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

-- A file of mailboxes at other providers on its way in. Each good row waits sealed, because it holds passwords, and is removed with the step that connects it.
create table fleet.mailbox_import (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  file_name text not null,
  state text not null default 'uploaded',
  job_id uuid,
  rows_read integer not null,
  ready integer not null,
  added integer not null default 0,
  known integer not null,
  rejected integer not null,
  problem text,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  constraint mailbox_import_state_known check (state in ('uploaded', 'running', 'done', 'failed', 'cancelled')),
  constraint mailbox_import_counted check (added >= 0 and known >= 0 and rejected >= 0 and added + known + rejected <= rows_read)
);
create index mailbox_import_workspace on fleet.mailbox_import (tenant_id, workspace_id, id);
alter table fleet.mailbox_import enable row level security;
alter table fleet.mailbox_import force row level security;
create policy tenant on fleet.mailbox_import
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox_import to penguin_app;

create table fleet.mailbox_import_row (
  tenant_id uuid not null,
  import_id uuid not null,
  row_number integer not null,
  line integer not null,
  cells text[] not null,
  sealed bytea not null,
  primary key (tenant_id, import_id, row_number),
  foreign key (tenant_id, import_id) references fleet.mailbox_import (tenant_id, id) on delete cascade
);
alter table fleet.mailbox_import_row enable row level security;
alter table fleet.mailbox_import_row force row level security;
create policy tenant on fleet.mailbox_import_row
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox_import_row to penguin_app;

-- Rows that were refused: what is wrong, and their cells without the passwords.
create table fleet.mailbox_import_error (
  tenant_id uuid not null,
  import_id uuid not null,
  row_number integer not null,
  line integer not null,
  field text not null,
  detail text not null,
  cells text[] not null,
  primary key (tenant_id, import_id, row_number),
  foreign key (tenant_id, import_id) references fleet.mailbox_import (tenant_id, id) on delete cascade
);
alter table fleet.mailbox_import_error enable row level security;
alter table fleet.mailbox_import_error force row level security;
create policy tenant on fleet.mailbox_import_error
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox_import_error to penguin_app;

-- Other workspaces of the tenant that may use a mailbox, and for what.
create table fleet.mailbox_share (
  tenant_id uuid not null,
  mailbox_id uuid not null,
  workspace_id uuid not null,
  may_send boolean not null,
  may_read boolean not null,
  shared_at timestamptz not null,
  primary key (tenant_id, mailbox_id, workspace_id),
  foreign key (tenant_id, mailbox_id) references fleet.mailbox (tenant_id, id) on delete cascade,
  constraint mailbox_share_for_something check (may_send or may_read)
);
create index mailbox_share_workspace on fleet.mailbox_share (tenant_id, workspace_id, mailbox_id);
alter table fleet.mailbox_share enable row level security;
alter table fleet.mailbox_share force row level security;
create policy tenant on fleet.mailbox_share
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox_share to penguin_app;

-- What stands for {{signature}} in messages from a mailbox. The HTML was cleaned before it came here.
alter table fleet.mailbox add column signature_text text not null default '';
alter table fleet.mailbox add column signature_html text not null default '';
alter table fleet.mailbox add constraint mailbox_signature_range check (length(signature_text) <= 2000 and length(signature_html) <= 20000);
