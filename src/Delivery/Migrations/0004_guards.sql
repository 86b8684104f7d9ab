-- What came of messages by hour of their sending, counted from the facts; what guards and warm-ups are judged by.

create table delivery.fact_cursor (
  tenant_id uuid not null,
  consumer text not null,
  xid xid8 not null,
  fact_id uuid not null,
  primary key (tenant_id, consumer)
);
alter table delivery.fact_cursor enable row level security;
alter table delivery.fact_cursor force row level security;
create policy tenant on delivery.fact_cursor
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update on delivery.fact_cursor to penguin_app;

create table delivery.tally (
  tenant_id uuid not null,
  hour timestamptz not null,
  mailbox_id uuid not null,
  campaign_id uuid not null,
  provider text not null,
  sent integer not null default 0,
  deferred integer not null default 0,
  bounced integer not null default 0,
  blocked integer not null default 0,
  complained integer not null default 0,
  replied integer not null default 0,
  primary key (tenant_id, hour, mailbox_id, campaign_id, provider)
);
alter table delivery.tally enable row level security;
alter table delivery.tally force row level security;
create policy tenant on delivery.tally
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.tally to penguin_app;

-- Guards that are not clear, or that a person resumed.
create table delivery.guard (
  tenant_id uuid not null,
  measure text not null,
  subject text not null,
  key text not null,
  level text not null,
  count_from timestamptz,
  sent bigint not null,
  hits bigint not null,
  threshold double precision not null,
  code text not null,
  sentence text not null,
  changed_at timestamptz not null,
  judged_at timestamptz not null,
  primary key (tenant_id, measure, subject, key),
  constraint guard_measure_known check (measure in ('bounce', 'complaint', 'block')),
  constraint guard_subject_known check (subject in ('mailbox', 'campaign', 'domain', 'ip', 'tenant', 'provider')),
  constraint guard_level_known check (level in ('clear', 'warn', 'slow', 'pause'))
);
alter table delivery.guard enable row level security;
alter table delivery.guard force row level security;
create policy tenant on delivery.guard
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.guard to penguin_app;

-- A warm-up as it is kept between two days; drawn in docs/states/warm-up.md.
create table delivery.warm_up (
  tenant_id uuid not null,
  subject text not null,
  key text not null,
  zone text not null,
  country text not null default '',
  careful boolean not null default false,
  phase text not null,
  budget integer not null,
  day date not null,
  state jsonb not null,
  started_at timestamptz not null,
  stepped_at timestamptz not null,
  primary key (tenant_id, subject, key),
  constraint warm_up_subject_known check (subject in ('mailbox', 'domain', 'ip')),
  constraint warm_up_phase_known check (phase in ('ramping', 'holding', 'backing_off', 'warm', 'paused'))
);
alter table delivery.warm_up enable row level security;
alter table delivery.warm_up force row level security;
create policy tenant on delivery.warm_up
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.warm_up to penguin_app;

-- The days of a warm-up: what was allowed, and why.
create table delivery.warm_up_day (
  tenant_id uuid not null,
  subject text not null,
  key text not null,
  day date not null,
  phase text not null,
  budget integer not null,
  reason text not null,
  sentence text not null,
  primary key (tenant_id, subject, key, day),
  foreign key (tenant_id, subject, key) references delivery.warm_up (tenant_id, subject, key) on delete cascade
);
alter table delivery.warm_up_day enable row level security;
alter table delivery.warm_up_day force row level security;
create policy tenant on delivery.warm_up_day
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.warm_up_day to penguin_app;

-- Sums over all accounts for whoever watches the platform; no account can be read from them.
create table delivery.metric (
  name text not null,
  label text not null,
  value double precision not null,
  primary key (name, label)
);
grant select, insert, update on delivery.metric to penguin_app;
