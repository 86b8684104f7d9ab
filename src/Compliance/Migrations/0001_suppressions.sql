-- Who must not be mailed. A row without a workspace holds for the whole tenant.
create table compliance.suppression (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid,
  kind text not null,
  value text not null,
  reason text not null,
  source text not null,
  message_id uuid,
  note text,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint suppression_once unique nulls not distinct (tenant_id, workspace_id, kind, value),
  constraint suppression_kind_known check (kind in ('address', 'domain')),
  constraint suppression_reason_known check (reason in ('bounce', 'complaint', 'unsubscribe', 'manual')),
  constraint suppression_value_normal check (value = lower(value) and value <> '')
);
-- The check before each send looks up address and domain by value.
create index suppression_value on compliance.suppression (tenant_id, value);
alter table compliance.suppression enable row level security;
alter table compliance.suppression force row level security;
create policy tenant on compliance.suppression
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on compliance.suppression to penguin_app;
