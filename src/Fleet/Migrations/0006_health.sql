-- What the last check of a domain's health found, and what its registry said. A row begins the chain of checks.
create table fleet.domain_health (
  tenant_id uuid not null,
  domain_id uuid not null,
  worst text not null default 'unknown',
  registration jsonb,
  checked_at timestamptz,
  primary key (tenant_id, domain_id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint domain_health_worst_known check (worst in ('unknown', 'good', 'watch', 'act'))
);
alter table fleet.domain_health enable row level security;
alter table fleet.domain_health force row level security;
create policy tenant on fleet.domain_health
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.domain_health to penguin_app;

create table fleet.health_finding (
  tenant_id uuid not null,
  domain_id uuid not null,
  code text not null,
  subject text not null,
  severity text not null,
  what text not null,
  cause text not null,
  fix text not null,
  evidence text not null,
  seen_at timestamptz not null,
  first_seen_at timestamptz not null,
  primary key (tenant_id, domain_id, code, subject),
  foreign key (tenant_id, domain_id) references fleet.domain_health (tenant_id, domain_id) on delete cascade,
  constraint health_finding_severity_known check (severity in ('unknown', 'good', 'watch', 'act')),
  constraint health_finding_seen check (first_seen_at <= seen_at)
);
alter table fleet.health_finding enable row level security;
alter table fleet.health_finding force row level security;
create policy tenant on fleet.health_finding
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.health_finding to penguin_app;
