-- Closed periods of every KPI, and what was judged of them. A rate keeps its counts, everything else a value.
create table oversight.kpi_load (
  tenant_id uuid not null,
  id uuid not null,
  kpi text not null,
  file text not null,
  sha256 text not null,
  rows integer not null,
  loaded_by text not null,
  loaded_at timestamptz not null,
  primary key (tenant_id, id)
);
alter table oversight.kpi_load enable row level security;
alter table oversight.kpi_load force row level security;
create policy tenant on oversight.kpi_load
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.kpi_load to penguin_app;

create table oversight.kpi_value (
  tenant_id uuid not null,
  kpi text not null,
  start date not null,
  numerator bigint,
  denominator bigint,
  value double precision,
  unit text not null,
  -- Of the definition it was computed by; earlier versions are not compared with it.
  version smallint not null,
  load_id uuid,
  line integer,
  computed_at timestamptz not null,
  primary key (tenant_id, kpi, start),
  foreign key (tenant_id, load_id) references oversight.kpi_load (tenant_id, id),
  constraint kpi_value_is_one check ((value is null) = (denominator is not null)),
  constraint kpi_value_counts check (denominator is null or (numerator is not null and numerator >= 0 and numerator <= denominator)),
  constraint kpi_value_loaded_has_line check ((load_id is null) = (line is null))
);
alter table oversight.kpi_value enable row level security;
alter table oversight.kpi_value force row level security;
create policy tenant on oversight.kpi_value
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on oversight.kpi_value to penguin_app;

-- One verdict for each closed period, kept: a report must find the one its sentence came from.
create table oversight.kpi_verdict (
  tenant_id uuid not null,
  kpi text not null,
  through date not null,
  direction text not null,
  -- What people are told: another direction only after two evaluations in a row say so.
  announced text not null,
  pending text,
  shape text not null,
  confidence text not null,
  assurance text not null,
  is_special boolean not null,
  level double precision,
  from_value double precision,
  to_value double precision,
  sentence text not null,
  points_missing integer not null,
  trials_missing bigint not null,
  opens_on date,
  limit_low double precision,
  limit_high double precision,
  centre double precision,
  since date,
  engine text not null,
  version smallint not null,
  evidence jsonb not null,
  judged_at timestamptz not null,
  primary key (tenant_id, kpi, through),
  constraint kpi_verdict_direction_known check (direction in ('improving', 'worsening', 'flat', 'not_enough_data') and announced in ('improving', 'worsening', 'flat', 'not_enough_data')),
  constraint kpi_verdict_assurance_known check (assurance in ('pass', 'hit_or_miss', 'fail', 'no_target'))
);
alter table oversight.kpi_verdict enable row level security;
alter table oversight.kpi_verdict force row level security;
create policy tenant on oversight.kpi_verdict
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on oversight.kpi_verdict to penguin_app;
