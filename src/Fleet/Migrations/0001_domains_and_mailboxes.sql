-- Domains that send, the DNS records each needs, and the mailboxes that send from them.
create table fleet.domain (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  name text not null,
  state text not null default 'pending',
  dkim_selector text not null,
  dkim_public_key text not null,
  dkim_private_key_sealed bytea not null,
  return_path_host text not null,
  tracking_host text not null,
  checked_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint domain_once unique (tenant_id, name),
  constraint domain_state_known check (state in ('pending', 'verified', 'drifted')),
  constraint domain_name_normal check (name = lower(name))
);
alter table fleet.domain enable row level security;
alter table fleet.domain force row level security;
create policy tenant on fleet.domain
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.domain to penguin_app;

create table fleet.domain_record (
  tenant_id uuid not null,
  domain_id uuid not null,
  kind text not null,
  host text not null,
  type text not null,
  expected text not null,
  found text[] not null default '{}',
  state text not null default 'unchecked',
  detail text not null default '',
  required boolean not null,
  checked_at timestamptz,
  primary key (tenant_id, domain_id, kind),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint domain_record_kind_known check (kind in ('spf', 'dkim', 'dmarc', 'mx', 'ptr', 'tracking', 'return_path')),
  constraint domain_record_state_known check (state in ('unchecked', 'ok', 'missing', 'wrong', 'unknown'))
);
alter table fleet.domain_record enable row level security;
alter table fleet.domain_record force row level security;
create policy tenant on fleet.domain_record
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.domain_record to penguin_app;

create table fleet.mailbox (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  domain_id uuid,
  address text not null,
  display_name text not null,
  state text not null default 'active',
  smtp_host text not null,
  smtp_port integer not null,
  smtp_security text not null,
  smtp_user text not null,
  smtp_secret_sealed bytea,
  imap_host text,
  imap_port integer,
  imap_security text,
  imap_user text,
  imap_secret_sealed bytea,
  daily_cap integer not null,
  gap_seconds integer not null,
  connections_max integer not null default 1,
  tested_at timestamptz,
  test_ok boolean,
  test_report jsonb,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id),
  constraint mailbox_once unique (tenant_id, address),
  constraint mailbox_state_known check (state in ('active', 'paused')),
  constraint mailbox_security_known check (smtp_security in ('none', 'starttls', 'tls') and coalesce(imap_security, 'tls') in ('none', 'starttls', 'tls')),
  constraint mailbox_imap_whole check ((imap_host is null) = (imap_port is null) and (imap_host is null) = (imap_security is null)),
  constraint mailbox_cap_range check (daily_cap between 1 and 1000000),
  constraint mailbox_gap_range check (gap_seconds between 0 and 86400),
  constraint mailbox_connections_range check (connections_max between 1 and 20)
);
create index mailbox_workspace on fleet.mailbox (tenant_id, workspace_id, id);
alter table fleet.mailbox enable row level security;
alter table fleet.mailbox force row level security;
create policy tenant on fleet.mailbox
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.mailbox to penguin_app;

-- Which tenant a message to this mailbox belongs to: the edge knows only the address (docs/security/unscoped-tables.md).
create table fleet.mailbox_route (
  address text primary key,
  tenant_id uuid not null,
  mailbox_id uuid not null
);
grant select, insert, delete on fleet.mailbox_route to penguin_app;
