-- What a value or verdict was before it was counted or judged again, so that a report can be built as of an earlier moment.
create table oversight.kpi_value_before (
  tenant_id uuid not null,
  kpi text not null,
  start date not null,
  numerator bigint,
  denominator bigint,
  value double precision,
  unit text not null,
  version smallint not null,
  computed_at timestamptz not null,
  replaced_at timestamptz not null,
  primary key (tenant_id, kpi, start, replaced_at)
);
alter table oversight.kpi_value_before enable row level security;
alter table oversight.kpi_value_before force row level security;
create policy tenant on oversight.kpi_value_before
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.kpi_value_before to penguin_app;

create table oversight.kpi_verdict_before (
  like oversight.kpi_verdict,
  replaced_at timestamptz not null,
  primary key (tenant_id, kpi, through, replaced_at)
);
alter table oversight.kpi_verdict_before enable row level security;
alter table oversight.kpi_verdict_before force row level security;
create policy tenant on oversight.kpi_verdict_before
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.kpi_verdict_before to penguin_app;

create function oversight.keep_value() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  insert into oversight.kpi_value_before (tenant_id, kpi, start, numerator, denominator, value, unit, version, computed_at, replaced_at)
  values (old.tenant_id, old.kpi, old.start, old.numerator, old.denominator, old.value, old.unit, old.version, old.computed_at, new.computed_at)
  on conflict do nothing;
  return null;
end $$;

create trigger kpi_value_replaced after update on oversight.kpi_value
  for each row when (old.computed_at < new.computed_at) execute function oversight.keep_value();

create function oversight.keep_verdict() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  insert into oversight.kpi_verdict_before (tenant_id, kpi, through, direction, announced, pending, shape, confidence, assurance, is_special, level, from_value, to_value, sentence, points_missing, trials_missing, opens_on,
    limit_low, limit_high, centre, since, engine, version, evidence, judged_at, replaced_at)
  values (old.tenant_id, old.kpi, old.through, old.direction, old.announced, old.pending, old.shape, old.confidence, old.assurance, old.is_special, old.level, old.from_value, old.to_value, old.sentence, old.points_missing, old.trials_missing,
    old.opens_on, old.limit_low, old.limit_high, old.centre, old.since, old.engine, old.version, old.evidence, old.judged_at, new.judged_at)
  on conflict do nothing;
  return null;
end $$;

create trigger kpi_verdict_replaced after update on oversight.kpi_verdict
  for each row when (old.judged_at < new.judged_at) execute function oversight.keep_verdict();

-- Reports as they were given to people. The model is kept as the text it was written as: its hash must hold.
create table oversight.report (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  period date not null,
  data_cut timestamptz not null,
  plan_version_id uuid,
  plan_sha256 text,
  engine text not null,
  definitions text not null,
  builder text not null,
  sha256 text not null,
  model text not null,
  unsupported integer not null,
  is_scheduled boolean not null,
  built_by text not null,
  built_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, plan_version_id) references oversight.plan_version (tenant_id, id),
  constraint report_kind_known check (kind in ('board', 'finance', 'operations', 'weekly')),
  constraint report_sha256_hex check (length(sha256) = 64),
  constraint report_plan_whole check ((plan_version_id is null) = (plan_sha256 is null))
);
-- The job may run twice; a period has one scheduled report of a kind.
create unique index report_scheduled_once on oversight.report (tenant_id, kind, period) where is_scheduled;
create index report_newest on oversight.report (tenant_id, built_at desc, id desc);
alter table oversight.report enable row level security;
alter table oversight.report force row level security;
create policy tenant on oversight.report
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.report to penguin_app;

create table oversight.report_schedule (
  tenant_id uuid not null,
  kind text not null,
  is_on boolean not null,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (tenant_id, kind),
  constraint report_schedule_kind_known check (kind in ('board', 'finance', 'operations', 'weekly'))
);
alter table oversight.report_schedule enable row level security;
alter table oversight.report_schedule force row level security;
create policy tenant on oversight.report_schedule
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on oversight.report_schedule to penguin_app;

-- Who wants the weekly report by mail, and on which weekday (ISO: 1 is Monday).
create table oversight.report_reader (
  tenant_id uuid not null,
  user_id uuid not null,
  weekday smallint not null,
  -- Monday of the week that was mailed last: a week goes out once.
  mailed_week date,
  since timestamptz not null,
  primary key (tenant_id, user_id),
  constraint report_reader_weekday check (weekday between 1 and 7)
);
alter table oversight.report_reader enable row level security;
alter table oversight.report_reader force row level security;
create policy tenant on oversight.report_reader
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on oversight.report_reader to penguin_app;
