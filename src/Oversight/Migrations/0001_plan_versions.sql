-- Versions of plans, each whole and in its canonical form, so that two of them can be compared at any time.
create table oversight.plan_version (
  tenant_id uuid not null,
  id uuid not null,
  plan text not null,
  number integer not null,
  sha256 text not null,
  yaml text not null,
  objects integer not null,
  errors integer not null,
  warnings integer not null,
  imported_by text not null,
  imported_at timestamptz not null,
  primary key (tenant_id, id),
  constraint plan_version_once unique (tenant_id, plan, number),
  constraint plan_version_number_positive check (number > 0),
  constraint plan_version_sha256_hex check (length(sha256) = 64)
);
alter table oversight.plan_version enable row level security;
alter table oversight.plan_version force row level security;
create policy tenant on oversight.plan_version
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- A version is never changed: what a review looked at stays what it was.
grant select, insert, delete on oversight.plan_version to penguin_app;
