-- Secrets: names and versions (values only in the sealed store), data keys, who read what, rotations, break-glass.

-- Salt and cost of the passphrase, when the master key comes from one: not secret, and needed before any tenant
-- (docs/security/unscoped-tables.md).
create table secrets.passphrase_salt (
  only_one boolean primary key default true,
  salt bytea not null,
  cost_log2 integer not null,
  created_at timestamptz not null,
  constraint passphrase_salt_one check (only_one),
  constraint passphrase_salt_length check (octet_length(salt) = 16),
  constraint passphrase_salt_cost check (cost_log2 between 14 and 20)
);
grant select, insert on secrets.passphrase_salt to penguin_app;

-- One data key a generation, wrapped by a master key that is not in the database. Destroyed: nothing under it opens again.
create table secrets.tenant_key (
  tenant_id uuid not null,
  generation integer not null,
  state text not null,
  wrapped bytea,
  master_id text,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  primary key (tenant_id, generation),
  constraint tenant_key_state_known check (state in ('current', 'retiring', 'destroyed')),
  constraint tenant_key_wrapped_until_destroyed check ((wrapped is null) = (state = 'destroyed') and (master_id is null) = (state = 'destroyed')),
  constraint tenant_key_generation_positive check (generation > 0)
);
create unique index tenant_key_one_current on secrets.tenant_key (tenant_id) where state = 'current';
alter table secrets.tenant_key enable row level security;
alter table secrets.tenant_key force row level security;
create policy tenant on secrets.tenant_key
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on secrets.tenant_key to penguin_app;

-- The account was shredded: nothing is stored for it any more.
create table secrets.shredding (
  tenant_id uuid primary key,
  at timestamptz not null,
  actor text not null,
  reason text not null
);
alter table secrets.shredding enable row level security;
alter table secrets.shredding force row level security;
create policy tenant on secrets.shredding
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on secrets.shredding to penguin_app;

create table secrets.secret (
  tenant_id uuid not null,
  id uuid not null,
  path text not null,
  current_version integer not null default 0,
  versions_max integer not null default 10,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  constraint secret_path_once unique (tenant_id, path),
  constraint secret_path_length check (length(path) between 1 and 200),
  constraint secret_version_not_negative check (current_version >= 0),
  constraint secret_versions_max_range check (versions_max between 2 and 100)
);
alter table secrets.secret enable row level security;
alter table secrets.secret force row level security;
create policy tenant on secrets.secret
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on secrets.secret to penguin_app;

-- With Vault the value is there and only the version is noted here.
create table secrets.secret_version (
  tenant_id uuid not null,
  secret_id uuid not null,
  version integer not null,
  held text not null,
  generation integer,
  box bytea,
  created_at timestamptz not null,
  deleted_at timestamptz,
  destroyed_at timestamptz,
  primary key (tenant_id, secret_id, version),
  foreign key (tenant_id, secret_id) references secrets.secret (tenant_id, id) on delete cascade,
  foreign key (tenant_id, generation) references secrets.tenant_key (tenant_id, generation),
  constraint secret_version_held_known check (held in ('here', 'vault')),
  constraint secret_version_value check ((box is not null) = (held = 'here' and destroyed_at is null) and (generation is not null) = (held = 'here')),
  constraint secret_version_positive check (version > 0)
);
-- The re-encryption reads what is still under an old key.
create index secret_version_generation on secrets.secret_version (tenant_id, generation) where box is not null;
alter table secrets.secret_version enable row level security;
alter table secrets.secret_version force row level security;
create policy tenant on secrets.secret_version
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on secrets.secret_version to penguin_app;

create table secrets.wrapping (
  tenant_id uuid not null,
  token_hash bytea not null,
  secret_id uuid not null,
  version integer not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, secret_id) references secrets.secret (tenant_id, id) on delete cascade,
  constraint wrapping_token_length check (octet_length(token_hash) = 32)
);
alter table secrets.wrapping enable row level security;
alter table secrets.wrapping force row level security;
create policy tenant on secrets.wrapping
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on secrets.wrapping to penguin_app;

-- The index of the audit chain by secret: audit_seq names the line that holds the same.
create table secrets.access (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  verb text not null,
  path text not null,
  version integer,
  actor text not null,
  reason text not null,
  source text not null,
  outcome text not null,
  store text not null,
  audit_seq bigint not null,
  primary key (tenant_id, id),
  constraint access_verb_known check (verb in ('read', 'written', 'described', 'listed', 'deleted', 'undeleted', 'destroyed', 'removed', 'shredded', 'wrapped', 'unwrapped')),
  constraint access_reason_given check (length(reason) between 3 and 300)
);
create index access_of_path on secrets.access (tenant_id, path, id desc);
alter table secrets.access enable row level security;
alter table secrets.access force row level security;
create policy tenant on secrets.access
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on secrets.access to penguin_app;

create table secrets.rotation_plan (
  tenant_id uuid not null,
  secret_id uuid not null,
  kind text not null,
  period_days integer,
  overlap_hours integer not null,
  due_at timestamptz,
  rotated_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, secret_id),
  foreign key (tenant_id, secret_id) references secrets.secret (tenant_id, id) on delete cascade,
  constraint rotation_plan_kind_known check (kind in ('ssh_key', 'smtp_credential', 'imap_credential', 'api_key', 'dkim_key', 'other')),
  constraint rotation_plan_period_range check (period_days between 1 and 3650),
  constraint rotation_plan_overlap_range check (overlap_hours between 0 and 720),
  constraint rotation_plan_due check ((due_at is null) = (period_days is null))
);
create index rotation_plan_due_order on secrets.rotation_plan (tenant_id, due_at);
alter table secrets.rotation_plan enable row level security;
alter table secrets.rotation_plan force row level security;
create policy tenant on secrets.rotation_plan
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on secrets.rotation_plan to penguin_app;

-- docs/states/rotation.md draws it.
create table secrets.rotation_run (
  tenant_id uuid not null,
  id uuid not null,
  secret_id uuid not null,
  kind text not null,
  state text not null,
  stuck_at text,
  old_version integer not null,
  new_version integer,
  overlap_until timestamptz,
  failure_code text,
  failure_detail text,
  started_by text not null,
  reason text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, secret_id) references secrets.secret (tenant_id, id) on delete cascade,
  constraint rotation_run_state_known check (state in ('planned', 'made', 'installed', 'verified', 'promoted', 'retired', 'done', 'withdrawing', 'rolled_back', 'stuck')),
  constraint rotation_run_ends check ((ended_at is not null) = (state in ('done', 'rolled_back'))),
  constraint rotation_run_promoted_has_version check (state not in ('promoted', 'retired', 'done') or (new_version is not null and overlap_until is not null)),
  constraint rotation_run_stuck_somewhere check ((stuck_at is not null) = (state = 'stuck')),
  constraint rotation_run_failure_named check (state not in ('withdrawing', 'rolled_back', 'stuck') or failure_code is not null)
);
create unique index rotation_run_one_open on secrets.rotation_run (tenant_id, secret_id) where state not in ('done', 'rolled_back');
create index rotation_run_newest on secrets.rotation_run (tenant_id, secret_id, id desc);
alter table secrets.rotation_run enable row level security;
alter table secrets.rotation_run force row level security;
create policy tenant on secrets.rotation_run
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on secrets.rotation_run to penguin_app;

-- docs/states/break-glass.md draws it.
create table secrets.break_glass (
  tenant_id uuid not null,
  id uuid not null,
  path text not null,
  reason text not null,
  minutes integer not null,
  state text not null,
  requested_by uuid not null,
  requested_at timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  expires_at timestamptz,
  reads integer not null default 0,
  primary key (tenant_id, id),
  constraint break_glass_state_known check (state in ('requested', 'open', 'refused', 'withdrawn', 'closed')),
  constraint break_glass_two_people check (decided_by is null or decided_by <> requested_by),
  constraint break_glass_open_is_decided check (state not in ('open', 'closed') or (decided_by is not null and expires_at is not null)),
  constraint break_glass_reason_length check (length(reason) between 20 and 300),
  constraint break_glass_minutes_range check (minutes between 5 and 240)
);
create index break_glass_newest on secrets.break_glass (tenant_id, id desc);
alter table secrets.break_glass enable row level security;
alter table secrets.break_glass force row level security;
create policy tenant on secrets.break_glass
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on secrets.break_glass to penguin_app;
