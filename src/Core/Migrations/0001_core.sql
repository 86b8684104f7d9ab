-- Floor 0: durable jobs, the audit chain. The schema of each module belongs to the role that migrates;
-- the program's role (penguin_app) owns nothing.

-- Claimed by workers without knowing the tenant: ids and times only, no payload (docs/security/unscoped-tables.md).
create table core.job (
  id uuid primary key,
  tenant_id uuid not null,
  kind text not null,
  state text not null default 'ready',
  priority smallint not null default 5,
  due_at timestamptz not null,
  attempt integer not null default 0,
  attempts_max integer not null default 10,
  lease_until timestamptz,
  lease_token uuid,
  every_seconds integer,
  unique_key text,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint job_state_known check (state in ('ready', 'running', 'done', 'dead', 'cancelled')),
  constraint job_running_has_lease check ((state = 'running') = (lease_token is not null)),
  constraint job_priority_range check (priority between 1 and 9),
  constraint job_attempts_range check (attempts_max between 1 and 50)
);
-- The claim reads this index only: ready rows in order.
create index job_ready on core.job (priority, due_at) where state = 'ready';
create index job_running on core.job (lease_until) where state = 'running';
create unique index job_unique_key on core.job (tenant_id, kind, unique_key) where unique_key is not null and state in ('ready', 'running');
create index job_tenant on core.job (tenant_id, created_at desc);

create table core.job_detail (
  tenant_id uuid not null,
  job_id uuid not null,
  payload jsonb not null,
  progress_done bigint not null default 0,
  progress_total bigint,
  progress_note text,
  cancel_requested boolean not null default false,
  result jsonb,
  last_error text,
  started_at timestamptz,
  primary key (tenant_id, job_id)
);
alter table core.job_detail enable row level security;
alter table core.job_detail force row level security;
create policy tenant on core.job_detail
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

create table core.audit_entry (
  tenant_id uuid not null,
  seq bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail text not null,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq),
  constraint audit_entry_hash_length check (octet_length(hash) = 32 and octet_length(prev_hash) = 32)
);
alter table core.audit_entry enable row level security;
alter table core.audit_entry force row level security;
create policy tenant on core.audit_entry
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

create table core.audit_head (
  tenant_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);
alter table core.audit_head enable row level security;
alter table core.audit_head force row level security;
create policy tenant on core.audit_head
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

grant select, insert, update, delete on core.job, core.job_detail to penguin_app;
-- Append only: the program's role can neither change nor remove what was recorded.
grant select, insert on core.audit_entry to penguin_app;
grant select, insert, update on core.audit_head to penguin_app;
