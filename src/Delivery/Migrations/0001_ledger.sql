-- The send ledger: one row for each (campaign, step, contact), from the wish to send to everything that came back.
-- States and transitions are drawn in docs/states/message.md.

create table delivery.campaign_control (
  tenant_id uuid not null,
  campaign_id uuid not null,
  workspace_id uuid not null,
  state text not null,
  zone text not null,
  days smallint not null,
  from_minute smallint not null,
  to_minute smallint not null,
  updated_at timestamptz not null,
  primary key (tenant_id, campaign_id),
  constraint campaign_control_state_known check (state in ('running', 'paused', 'stopped')),
  constraint campaign_control_days_range check (days between 1 and 127),
  constraint campaign_control_window check (from_minute between 0 and 1439 and to_minute between 1 and 1440 and from_minute < to_minute)
);
alter table delivery.campaign_control enable row level security;
alter table delivery.campaign_control force row level security;
create policy tenant on delivery.campaign_control
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.campaign_control to penguin_app;

-- What is sent: the template as it was at launch. Never changed afterwards.
create table delivery.content (
  tenant_id uuid not null,
  id uuid not null,
  campaign_id uuid not null,
  step smallint not null,
  subject text not null,
  html text,
  text text not null,
  physical_address text not null,
  sender_name text not null,
  tracks_clicks boolean not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint content_once unique (tenant_id, campaign_id, step)
);
alter table delivery.content enable row level security;
alter table delivery.content force row level security;
create policy tenant on delivery.content
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on delivery.content to penguin_app;

-- Targets of tracked links, kept here so that a link in a message can never be pointed elsewhere.
create table delivery.link (
  tenant_id uuid not null,
  content_id uuid not null,
  number smallint not null,
  url text not null,
  primary key (tenant_id, content_id, number),
  foreign key (tenant_id, content_id) references delivery.content (tenant_id, id)
);
alter table delivery.link enable row level security;
alter table delivery.link force row level security;
create policy tenant on delivery.link
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on delivery.link to penguin_app;

create table delivery.message (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  campaign_id uuid not null,
  step smallint not null,
  contact_id uuid not null,
  mailbox_id uuid not null,
  content_id uuid not null,
  address text not null,
  fields jsonb not null,
  state text not null default 'queued',
  reason text not null default '',
  due_at timestamptz not null,
  attempt smallint not null default 0,
  attempt_token uuid,
  attempted_at timestamptz,
  sent_at timestamptz,
  state_at timestamptz not null,
  smtp_code smallint,
  smtp_status text,
  smtp_text text,
  bounce_class text,
  bounce_category text,
  replied_at timestamptz,
  auto_replied_at timestamptz,
  complained_at timestamptz,
  unsubscribed_at timestamptz,
  clicked_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint message_once unique (tenant_id, campaign_id, step, contact_id),
  foreign key (tenant_id, content_id) references delivery.content (tenant_id, id),
  constraint message_state_known check (state in ('queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'dropped', 'in_doubt')),
  constraint message_sending_has_token check (state <> 'sending' or attempt_token is not null),
  constraint message_sent_has_time check (state <> 'sent' or sent_at is not null)
) with (fillfactor = 60);
-- No index has a column that sending changes, so that gate and outcome stay within the page (heap-only updates).
-- A reply without a reference is matched by its sender.
create index message_address on delivery.message (tenant_id, address);
alter table delivery.message enable row level security;
alter table delivery.message force row level security;
create policy tenant on delivery.message
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.message to penguin_app;

-- Each passage through the gate, append-only: the rolling caps count here, by primary key.
create table delivery.attempt (
  tenant_id uuid not null,
  mailbox_id uuid not null,
  at timestamptz not null,
  message_id uuid not null,
  token uuid not null,
  primary key (tenant_id, mailbox_id, at, message_id)
);
alter table delivery.attempt enable row level security;
alter table delivery.attempt force row level security;
create policy tenant on delivery.attempt
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on delivery.attempt to penguin_app;

-- What is to be sent when, for the dispatcher, which works across tenants: ids and times only (docs/security/unscoped-tables.md).
create table delivery.queue (
  tenant_id uuid not null,
  message_id uuid not null,
  campaign_id uuid not null,
  mailbox_id uuid not null,
  due_at timestamptz not null,
  primary key (tenant_id, message_id)
);
create index queue_mailbox on delivery.queue (mailbox_id, due_at, message_id);
create index queue_campaign on delivery.queue (tenant_id, campaign_id);
grant select, insert, update, delete on delivery.queue to penguin_app;

-- One lane for each mailbox. Who holds the lane's lease is the only one who may send from the mailbox.
create table delivery.lane (
  mailbox_id uuid primary key,
  tenant_id uuid not null,
  ready_at timestamptz not null,
  wakes bigint not null default 0,
  failures integer not null default 0,
  trouble text not null default '',
  lease_until timestamptz,
  lease_token uuid,
  -- Every message of the mailbox in state sending is named here: what a dead worker left behind.
  under_way uuid[] not null default '{}'
);
create index lane_ready on delivery.lane (ready_at);
grant select, insert, update on delivery.lane to penguin_app;

-- Whose message a token in a return path, a link or a Message-ID means. Only the token's SHA-256 is kept.
create table delivery.token (
  hash bytea primary key,
  tenant_id uuid not null,
  message_id uuid not null,
  purpose text not null,
  constraint token_purpose_known check (purpose in ('link', 'thread'))
);
grant select, insert, delete on delivery.token to penguin_app;

-- What happened, append-only, by day. A consumer keeps a cursor on (xid, id) and reads only below the oldest running
-- transaction, so a row that commits late is never skipped (docs/adr/0006-facts.md).
create table delivery.fact (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  kind text not null,
  message_id uuid not null,
  campaign_id uuid not null,
  mailbox_id uuid not null,
  detail text not null default '',
  xid xid8 not null default pg_current_xact_id(),
  -- The cursor of consumers; at is the partition's key.
  primary key (tenant_id, xid, id, at),
  constraint fact_kind_known check (kind in ('sent', 'deferred', 'bounced', 'failed', 'dropped', 'in_doubt', 'replied', 'auto_replied', 'complained', 'unsubscribed', 'clicked'))
) partition by range (at);
alter table delivery.fact enable row level security;
alter table delivery.fact force row level security;
create policy tenant on delivery.fact
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on delivery.fact to penguin_app;

create table delivery.fact_default partition of delivery.fact default;
alter table delivery.fact_default enable row level security;
alter table delivery.fact_default force row level security;
create policy tenant on delivery.fact_default
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- Makes the partitions for the given day and the 13 after it. Owned by the migrating role, because the program's role owns nothing.
create function delivery.prepare_fact_days(first_day date) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
  made integer := 0;
  day date;
  name text;
begin
  for day in select first_day + n from generate_series(0, 13) as n loop
    name := 'fact_' || to_char(day, 'YYYYMMDD');
    if to_regclass('delivery.' || name) is null then
      execute format('create table delivery.%I partition of delivery.fact for values from (%L) to (%L)', name, day::timestamptz, (day + 1)::timestamptz);
      execute format('alter table delivery.%I enable row level security', name);
      execute format('alter table delivery.%I force row level security', name);
      execute format('create policy tenant on delivery.%I using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
      made := made + 1;
    end if;
  end loop;
  return made;
end $$;
revoke all on function delivery.prepare_fact_days(date) from public;
grant execute on function delivery.prepare_fact_days(date) to penguin_app;

-- Everything the edge accepted for a tenant, kept as it came.
create table delivery.inbound (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid,
  kind text not null default 'unread',
  sender text not null,
  recipient text not null,
  raw bytea not null,
  subject text not null default '',
  excerpt text not null default '',
  received_at timestamptz not null,
  processed_at timestamptz,
  primary key (tenant_id, id),
  constraint inbound_kind_known check (kind in ('unread', 'bounce', 'delay', 'complaint', 'reply', 'auto_reply', 'unsubscribe', 'unmatched'))
);
create index inbound_message on delivery.inbound (tenant_id, message_id) where message_id is not null;
alter table delivery.inbound enable row level security;
alter table delivery.inbound force row level security;
create policy tenant on delivery.inbound
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.inbound to penguin_app;
