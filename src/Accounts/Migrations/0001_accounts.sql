-- People, their sessions, the tenants they belong to, and keys. Tables without tenant_id policies are read before a tenant is
-- known; docs/security/unscoped-tables.md gives the reason for each.

create table accounts.user_account (
  id uuid primary key,
  email text not null,
  email_normal text not null,
  display_name text not null,
  password_hash text,
  security_stamp text not null,
  email_verified_at timestamptz,
  lockout_enabled boolean not null default true,
  lockout_end timestamptz,
  failed_count integer not null default 0,
  created_at timestamptz not null,
  constraint user_account_email_once unique (email_normal),
  constraint user_account_email_normal check (email_normal = lower(email_normal) and email_normal <> '')
);
grant select, insert, update, delete on accounts.user_account to penguin_app;

create table accounts.tenant (
  tenant_id uuid primary key,
  name text not null,
  created_at timestamptz not null,
  constraint tenant_name_given check (name <> '')
);
alter table accounts.tenant enable row level security;
alter table accounts.tenant force row level security;
create policy tenant on accounts.tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.tenant to penguin_app;

create table accounts.workspace (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  sender_name text not null default '',
  postal_address text not null default '',
  created_at timestamptz not null,
  archived_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id) references accounts.tenant (tenant_id),
  constraint workspace_name_once unique (tenant_id, name),
  constraint workspace_name_given check (name <> '')
);
alter table accounts.workspace enable row level security;
alter table accounts.workspace force row level security;
create policy tenant on accounts.workspace
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.workspace to penguin_app;

-- A row without a workspace holds in all of them. Roles that reach over the whole account cannot be confined to one.
create table accounts.membership (
  tenant_id uuid not null,
  user_id uuid not null references accounts.user_account (id),
  workspace_id uuid,
  role text not null,
  created_at timestamptz not null,
  foreign key (tenant_id) references accounts.tenant (tenant_id),
  foreign key (tenant_id, workspace_id) references accounts.workspace (tenant_id, id),
  constraint membership_once unique nulls not distinct (tenant_id, user_id, workspace_id),
  constraint membership_role_known check (role in ('owner', 'admin', 'manager', 'sender', 'finance', 'viewer')),
  constraint membership_role_reach check (workspace_id is null or role in ('manager', 'sender', 'viewer'))
);
alter table accounts.membership enable row level security;
alter table accounts.membership force row level security;
create policy tenant on accounts.membership
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.membership to penguin_app;

create table accounts.user_tenant (
  user_id uuid not null references accounts.user_account (id),
  tenant_id uuid not null,
  created_at timestamptz not null,
  primary key (user_id, tenant_id)
);
grant select, insert, update, delete on accounts.user_tenant to penguin_app;

create table accounts.session (
  id uuid primary key,
  token_hash bytea not null,
  user_id uuid not null references accounts.user_account (id),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  idle_until timestamptz not null,
  absolute_until timestamptz not null,
  user_agent text not null,
  ip text not null,
  revoked_at timestamptz,
  tenant_id uuid,
  workspace_id uuid,
  constraint session_token_once unique (token_hash),
  constraint session_token_length check (octet_length(token_hash) = 32),
  constraint session_agent_length check (length(user_agent) <= 200)
);
create index session_of_user on accounts.session (user_id, id desc);
create index session_end on accounts.session (absolute_until);
grant select, insert, update, delete on accounts.session to penguin_app;

create table accounts.login_activity (
  id uuid primary key,
  user_id uuid not null references accounts.user_account (id),
  at timestamptz not null,
  ip text not null,
  user_agent text not null,
  outcome text not null,
  constraint login_activity_outcome_known check (outcome in ('signed_in', 'wrong_password', 'unverified', 'locked', 'signed_out',
    'password_changed', 'password_reset', 'email_changed', 'session_revoked'))
);
create index login_activity_user on accounts.login_activity (user_id, id desc);
grant select, insert, update, delete on accounts.login_activity to penguin_app;

-- Counters of failed attempts. Subject is a SHA-256 (an address, or an action); source is an address block or a known device.
create table accounts.login_throttle (
  subject bytea not null,
  source text not null,
  failures integer not null,
  blocked_until timestamptz not null,
  last_at timestamptz not null,
  primary key (subject, source)
);
create index login_throttle_age on accounts.login_throttle (last_at);
grant select, insert, update, delete on accounts.login_throttle to penguin_app;

create table accounts.email_token (
  token_hash bytea primary key,
  purpose text not null,
  user_id uuid references accounts.user_account (id),
  pair uuid,
  new_email text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint email_token_length check (octet_length(token_hash) = 32),
  constraint email_token_purpose_known check (purpose in ('verify', 'reset', 'change_old', 'change_new', 'claim')),
  constraint email_token_user check ((user_id is null) = (purpose = 'claim')),
  constraint email_token_pair check ((pair is not null and new_email is not null) = (purpose in ('change_old', 'change_new')))
);
create index email_token_user_purpose on accounts.email_token (user_id, purpose);
create index email_token_pair_rows on accounts.email_token (pair) where pair is not null;
create index email_token_end on accounts.email_token (expires_at);
grant select, insert, update, delete on accounts.email_token to penguin_app;

create table accounts.invitation (
  tenant_id uuid not null,
  id uuid not null,
  email text not null,
  email_normal text not null,
  role text not null,
  workspace_id uuid,
  invited_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, workspace_id) references accounts.workspace (tenant_id, id),
  constraint invitation_role_known check (role in ('owner', 'admin', 'manager', 'sender', 'finance', 'viewer')),
  constraint invitation_role_reach check (workspace_id is null or role in ('manager', 'sender', 'viewer'))
);
create index invitation_open on accounts.invitation (tenant_id, email_normal) where accepted_at is null and revoked_at is null;
alter table accounts.invitation enable row level security;
alter table accounts.invitation force row level security;
create policy tenant on accounts.invitation
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.invitation to penguin_app;

create table accounts.invitation_lookup (
  token_hash bytea primary key,
  tenant_id uuid not null,
  invitation_id uuid not null,
  foreign key (tenant_id, invitation_id) references accounts.invitation (tenant_id, id) on delete cascade,
  constraint invitation_lookup_length check (octet_length(token_hash) = 32)
);
grant select, insert, update, delete on accounts.invitation_lookup to penguin_app;

create table accounts.api_key (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  hint text not null,
  scopes text[] not null,
  workspace_id uuid,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, workspace_id) references accounts.workspace (tenant_id, id),
  constraint api_key_scopes_given check (cardinality(scopes) > 0)
);
alter table accounts.api_key enable row level security;
alter table accounts.api_key force row level security;
create policy tenant on accounts.api_key
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.api_key to penguin_app;

create table accounts.api_key_lookup (
  key_hash bytea primary key,
  tenant_id uuid not null,
  key_id uuid not null,
  foreign key (tenant_id, key_id) references accounts.api_key (tenant_id, id) on delete cascade,
  constraint api_key_lookup_length check (octet_length(key_hash) = 32)
);
grant select, insert, update, delete on accounts.api_key_lookup to penguin_app;

create table accounts.idempotency_key (
  tenant_id uuid not null,
  actor text not null,
  key text not null,
  route text not null,
  fingerprint bytea not null,
  status integer,
  content_type text,
  location text,
  body bytea,
  created_at timestamptz not null,
  primary key (tenant_id, actor, key),
  constraint idempotency_key_length check (length(key) between 1 and 255)
);
create index idempotency_key_age on accounts.idempotency_key (tenant_id, created_at);
alter table accounts.idempotency_key enable row level security;
alter table accounts.idempotency_key force row level security;
create policy tenant on accounts.idempotency_key
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.idempotency_key to penguin_app;

-- Plan limits by name; Billing writes them, every module reads them. No row: no limit was set.
create table accounts.entitlement (
  tenant_id uuid not null,
  name text not null,
  amount bigint not null,
  primary key (tenant_id, name),
  constraint entitlement_amount_positive check (amount >= 0)
);
alter table accounts.entitlement enable row level security;
alter table accounts.entitlement force row level security;
create policy tenant on accounts.entitlement
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.entitlement to penguin_app;

-- Mail of the program's own until it is handed over; the row, and with it the link, is deleted then.
create table accounts.system_mail (
  tenant_id uuid not null,
  id uuid not null,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
alter table accounts.system_mail enable row level security;
alter table accounts.system_mail force row level security;
create policy tenant on accounts.system_mail
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on accounts.system_mail to penguin_app;
