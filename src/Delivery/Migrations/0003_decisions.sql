-- Why a message is not sent now, and what may say so. The checklist is docs/states/decision.md.

-- Stored with each postponement: the code of the decision; empty while the message just waits for its turn.
alter table delivery.queue add column held text not null default '';

-- Why the whole mailbox does not send until ready_at; empty while it does.
alter table delivery.lane add column held text not null default '', add column served_at timestamptz;
create index lane_tenant on delivery.lane (tenant_id);

-- Content that must not leave: what nobody has sent of it waits.
alter table delivery.campaign_control
  add column blocked_reason text not null default '',
  add constraint campaign_control_reason_length check (length(blocked_reason) <= 500);

-- A stop of the account's sending, or of its sending to one receiving provider.
create table delivery.halt (
  tenant_id uuid not null,
  scope text not null,
  target text not null default '',
  reason text not null,
  actor text not null,
  at timestamptz not null,
  primary key (tenant_id, scope, target),
  constraint halt_scope_known check (scope in ('account', 'provider')),
  constraint halt_target_given check ((scope = 'account') = (target = '')),
  constraint halt_reason_given check (reason <> '' and length(reason) <= 500)
);
alter table delivery.halt enable row level security;
alter table delivery.halt force row level security;
create policy tenant on delivery.halt
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.halt to penguin_app;

-- A stop of everything, by who runs the platform. At most one row.
create table delivery.platform_halt (
  one boolean primary key default true,
  reason text not null,
  at timestamptz not null,
  constraint platform_halt_once check (one),
  constraint platform_halt_reason_given check (reason <> '' and length(reason) <= 500)
);
grant select, insert, delete on delivery.platform_halt to penguin_app;

-- Who receives for a domain: the organisation behind its mail exchangers. Public facts of DNS, shared by all tenants.
create table delivery.recipient_domain (
  domain text primary key,
  provider text not null default '',
  exchange text not null default '',
  looked_up_at timestamptz
);
create index recipient_domain_looked_up on delivery.recipient_domain (looked_up_at nulls first);
grant select, insert, update on delivery.recipient_domain to penguin_app;

-- Circuit breakers (docs/states/route.md) that do not flow freely, or count towards that: of a mailbox or a sender's domain towards one
-- receiving provider, or '*' towards everybody.
create table delivery.route (
  tenant_id uuid not null,
  scope text not null,
  key text not null,
  provider text not null,
  state text not null,
  until timestamptz,
  connections smallint not null,
  gap_seconds integer not null,
  trips smallint not null,
  in_a_row smallint not null,
  has_accepted boolean not null,
  rule text not null,
  reason text not null,
  last_at timestamptz,
  changed_at timestamptz not null,
  primary key (tenant_id, scope, key, provider),
  constraint route_scope_known check (scope in ('mailbox', 'domain')),
  constraint route_state_known check (state in ('flowing', 'slowed', 'suspended', 'recovering', 'stopped')),
  constraint route_closed_has_no_connection check ((state in ('suspended', 'stopped')) = (connections = 0))
);
alter table delivery.route enable row level security;
alter table delivery.route force row level security;
create policy tenant on delivery.route
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.route to penguin_app;

-- How much may be sent in any rolling window. Key '*' holds for each key of the scope by itself.
create table delivery.send_limit (
  tenant_id uuid not null,
  scope text not null,
  key text not null default '*',
  window_seconds integer not null,
  most integer not null,
  primary key (tenant_id, scope, key, window_seconds),
  constraint send_limit_scope_known check (scope in ('account', 'domain', 'server', 'company', 'provider')),
  constraint send_limit_window_range check (window_seconds between 60 and 2678400),
  constraint send_limit_most_range check (most between 0 and 100000000)
);
alter table delivery.send_limit enable row level security;
alter table delivery.send_limit force row level security;
create policy tenant on delivery.send_limit
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.send_limit to penguin_app;

-- What was used of a limit, in sixtieths of its window. A sixtieth counts until it has left the window whole, so a limit is never exceeded.
create table delivery.limit_use (
  tenant_id uuid not null,
  scope text not null,
  key text not null,
  window_seconds integer not null,
  bucket timestamptz not null,
  used integer not null,
  primary key (tenant_id, scope, key, window_seconds, bucket)
);
alter table delivery.limit_use enable row level security;
alter table delivery.limit_use force row level security;
create policy tenant on delivery.limit_use
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.limit_use to penguin_app;

-- Takes what the limits let through, message by message in the order given. Every limit of a message is named in one row of the arrays.
-- The caller has locked the limits (delivery.lock_limits) in this transaction before anything else.
create function delivery.take_limits(
  p_tenant uuid, p_now timestamptz, p_messages uuid[], p_of integer[], p_scopes text[], p_keys text[], p_windows integer[], p_most integer[])
returns table (message_id uuid, scope text, key text, until timestamptz)
language plpgsql set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  v_n integer;
  l record;
  v_used bigint;
  v_oldest timestamptz;
  v_bucket interval;
begin
  for v_n in 1 .. coalesce(array_length(p_messages, 1), 0) loop
    message_id := p_messages[v_n];
    scope := null; key := null; until := null;
    for l in
      select t.scope, t.key, t.window_seconds, t.most
      from unnest(p_of, p_scopes, p_keys, p_windows, p_most) as t (of, scope, key, window_seconds, most)
      where t.of = v_n
    loop
      v_bucket := make_interval(secs => l.window_seconds / 60.0);
      select coalesce(sum(u.used), 0), min(u.bucket) into v_used, v_oldest
      from delivery.limit_use u
      where u.tenant_id = p_tenant and u.scope = l.scope and u.key = l.key and u.window_seconds = l.window_seconds
        and u.bucket > p_now - make_interval(secs => l.window_seconds) - v_bucket and u.used > 0;
      if v_used >= l.most then
        scope := l.scope; key := l.key;
        until := greatest(until, case when v_oldest is null then 'infinity' else v_oldest + make_interval(secs => l.window_seconds) + v_bucket end);
      end if;
    end loop;
    if scope is null then
      insert into delivery.limit_use as u (tenant_id, scope, key, window_seconds, bucket, used)
      select p_tenant, t.scope, t.key, t.window_seconds, to_timestamp(floor(extract(epoch from p_now) / (t.window_seconds / 60.0)) * (t.window_seconds / 60.0)), 1
      from unnest(p_of, p_scopes, p_keys, p_windows) as t (of, scope, key, window_seconds)
      where t.of = v_n
      on conflict (tenant_id, scope, key, window_seconds, bucket) do update set used = u.used + 1;
    else
      return next;
    end if;
  end loop;
end $$;

-- Held to the end of the transaction, in one order for all, so that no two wait for each other. Taken before any lane's row.
create function delivery.lock_limits(p_tenant uuid, p_scopes text[], p_keys text[], p_windows integer[]) returns void
language plpgsql set search_path = pg_catalog as $$
declare
  v_lock bigint;
begin
  for v_lock in
    select distinct hashtextextended(p_tenant::text || ' ' || t.scope || ' ' || t.window_seconds || ' ' || t.key, 0) as n
    from unnest(p_scopes, p_keys, p_windows) as t (scope, key, window_seconds)
    order by n
  loop
    perform pg_advisory_xact_lock(v_lock);
  end loop;
end $$;
