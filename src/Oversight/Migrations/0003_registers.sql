-- What happens over time and no plan can say. Objectives, items, gates, lines, decisions and risks themselves stand in the plan's versions
-- alone; here they are named as there. What is a record of the past can be added to and not changed.

-- How an objective or an item of the roadmap stood on a day, as somebody said.
create table oversight.check_in (
  tenant_id uuid not null,
  id uuid not null,
  plan text not null,
  -- Kind/name, such as RoadmapItem/vault.
  subject text not null,
  status text not null,
  done double precision,
  confidence double precision,
  sentence text not null,
  said_by text not null,
  day date not null,
  said_at timestamptz not null,
  primary key (tenant_id, id),
  constraint check_in_status_known check (status in ('planned', 'in_progress', 'done', 'dropped')),
  constraint check_in_done_is_share check (done between 0 and 1),
  constraint check_in_confidence_is_share check (confidence between 0 and 1)
);
-- The newest of each subject is what pages ask for.
create index check_in_newest on oversight.check_in (tenant_id, plan, subject, day desc, id desc);
alter table oversight.check_in enable row level security;
alter table oversight.check_in force row level security;
create policy tenant on oversight.check_in
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.check_in to penguin_app;

-- Whether a criterion of a gate holds, and what shows it.
create table oversight.gate_evidence (
  tenant_id uuid not null,
  id uuid not null,
  plan text not null,
  gate text not null,
  criterion text not null,
  state text not null,
  evidence text not null,
  said_by text not null,
  day date not null,
  -- Last day it holds; null: until something else is said.
  expires_on date,
  said_at timestamptz not null,
  primary key (tenant_id, id),
  constraint gate_evidence_state_known check (state in ('passed', 'failed', 'unknown')),
  constraint gate_evidence_expires_later check (expires_on >= day)
);
create index gate_evidence_newest on oversight.gate_evidence (tenant_id, plan, gate, criterion, day desc, id desc);
alter table oversight.gate_evidence enable row level security;
alter table oversight.gate_evidence force row level security;
create policy tenant on oversight.gate_evidence
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.gate_evidence to penguin_app;

create table oversight.risk_assessment (
  tenant_id uuid not null,
  id uuid not null,
  plan text not null,
  risk text not null,
  likelihood smallint not null,
  impact smallint not null,
  note text not null,
  said_by text not null,
  day date not null,
  said_at timestamptz not null,
  primary key (tenant_id, id),
  constraint risk_assessment_likelihood_range check (likelihood between 1 and 5),
  constraint risk_assessment_impact_range check (impact between 1 and 5)
);
create index risk_assessment_newest on oversight.risk_assessment (tenant_id, plan, risk, day desc, id desc);
alter table oversight.risk_assessment enable row level security;
alter table oversight.risk_assessment force row level security;
create policy tenant on oversight.risk_assessment
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.risk_assessment to penguin_app;

-- A review that took place, and the version of the plan it looked at.
create table oversight.review_held (
  tenant_id uuid not null,
  id uuid not null,
  plan text not null,
  review text not null,
  period text not null,
  held_on date not null,
  plan_version_id uuid not null,
  notes text not null,
  said_by text not null,
  said_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, plan_version_id) references oversight.plan_version (tenant_id, id)
);
create index review_held_newest on oversight.review_held (tenant_id, plan, held_on desc, id desc);
alter table oversight.review_held enable row level security;
alter table oversight.review_held force row level security;
create policy tenant on oversight.review_held
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.review_held to penguin_app;

-- What the engine said of a decision's effect, once for each closed period it could look at; the newest counts.
create table oversight.decision_outcome (
  tenant_id uuid not null,
  plan text not null,
  decision text not null,
  review_on date not null,
  through date not null,
  kpi text not null,
  verdict text not null,
  expected text not null,
  level_before double precision,
  level_after double precision,
  effect double precision,
  effect_low double precision,
  effect_high double precision,
  points_before integer not null,
  points_after integer not null,
  cases_before bigint not null,
  cases_after bigint not null,
  sentence text not null,
  engine text not null,
  plan_version_id uuid not null,
  judged_at timestamptz not null,
  primary key (tenant_id, plan, decision, review_on, through),
  foreign key (tenant_id, plan_version_id) references oversight.plan_version (tenant_id, id),
  constraint decision_outcome_verdict_known check (verdict in ('as_expected', 'less_than_expected', 'other_direction', 'no_effect_seen', 'not_enough_data'))
);
alter table oversight.decision_outcome enable row level security;
alter table oversight.decision_outcome force row level security;
create policy tenant on oversight.decision_outcome
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.decision_outcome to penguin_app;

-- Costs as they were billed, by file; the columns are those of FOCUS that a budget needs.
create table oversight.cost_load (
  tenant_id uuid not null,
  id uuid not null,
  file text not null,
  sha256 text not null,
  rows integer not null,
  currency text not null,
  loaded_by text not null,
  loaded_at timestamptz not null,
  withdrawn_by text,
  withdrawn_at timestamptz,
  primary key (tenant_id, id),
  constraint cost_load_sha256_hex check (length(sha256) = 64),
  constraint cost_load_withdrawn_by_somebody check ((withdrawn_by is null) = (withdrawn_at is null))
);
-- The same file counts once; taken back, it may come again.
create unique index cost_load_once on oversight.cost_load (tenant_id, sha256) where withdrawn_at is null;
alter table oversight.cost_load enable row level security;
alter table oversight.cost_load force row level security;
create policy tenant on oversight.cost_load
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on oversight.cost_load to penguin_app;

create table oversight.cost_row (
  tenant_id uuid not null,
  load_id uuid not null,
  line integer not null,
  billed_on date not null,
  vendor text not null,
  service text not null,
  -- Name of a CostLine of the plan, or of what drives it; empty: found by its vendor, or unplanned.
  cost_line text not null,
  amount bigint not null,
  currency text not null,
  -- A workspace or a group of domains; empty: of the whole account.
  cost_centre text not null,
  is_cogs boolean not null,
  primary key (tenant_id, load_id, line),
  foreign key (tenant_id, load_id) references oversight.cost_load (tenant_id, id)
);
create index cost_row_by_day on oversight.cost_row (tenant_id, billed_on);
alter table oversight.cost_row enable row level security;
alter table oversight.cost_row force row level security;
create policy tenant on oversight.cost_row
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on oversight.cost_row to penguin_app;

-- Something deviates, somebody looks at it until a day. Never a mail, never a pager.
create table oversight.process_step (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  -- Kind/name of the plan, or Kpi/key.
  subject text not null,
  -- The deviation itself: it opens one step, however often it is seen.
  cause text not null,
  sentence text not null,
  owner_name text not null,
  owner_id uuid,
  due_on date not null,
  state text not null,
  note text not null,
  opened_by text not null,
  opened_at timestamptz not null,
  closed_by text,
  closed_at timestamptz,
  primary key (tenant_id, id),
  constraint process_step_once unique (tenant_id, cause),
  constraint process_step_kind_known check (kind in ('figure', 'target', 'slip', 'budget', 'risk', 'decision', 'review', 'gate', 'person')),
  constraint process_step_state_known check (state in ('open', 'done', 'dropped')),
  constraint process_step_closed_says_why check ((state = 'open') = (closed_at is null) and (closed_at is null) = (closed_by is null) and (state = 'open' or note <> ''))
);
-- Open ones of a subject: a deviation that goes on opens no second.
create index process_step_open on oversight.process_step (tenant_id, subject, kind) where state = 'open';
create index process_step_due on oversight.process_step (tenant_id, due_on, id);
alter table oversight.process_step enable row level security;
alter table oversight.process_step force row level security;
create policy tenant on oversight.process_step
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on oversight.process_step to penguin_app;
