-- Machines that carry mail: the customer's own, or rented at a host through its API; what they may cost; and the hosts that are connected.
create table fleet.server (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  name text not null,
  host_name text not null,
  host_kind text not null,
  wish uuid,
  host_ref text,
  region text,
  size text,
  monthly_price numeric(12, 2),
  currency text,
  state text not null,
  problem text not null default '',
  addresses jsonb not null default '[]',
  ssh_port integer not null default 22,
  ssh_user text not null default 'root',
  ssh_public_key text not null,
  host_key text,
  host_key_offered text,
  facts jsonb,
  stack_kind text,
  stack_digest text,
  stacked_at timestamptz,
  checked_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint server_host_known check (host_kind in ('own', 'hetzner', 'digitalocean', 'vultr', 'hostwinds')),
  constraint server_state_known check (state in ('ordered', 'booting', 'ready', 'unreachable', 'changed', 'failed', 'destroying', 'destroyed')),
  constraint server_rented_whole check ((host_kind = 'own') = (wish is null) and (host_kind = 'own') = (size is null) and (host_kind = 'own') = (monthly_price is null)),
  constraint server_price_whole check ((monthly_price is null) = (currency is null) and coalesce(monthly_price, 0) >= 0),
  constraint server_own_is_not_ordered check (host_kind <> 'own' or (state <> 'ordered' and host_ref is null)),
  constraint server_ready_is_pinned check (state not in ('ready', 'changed') or host_key is not null),
  constraint server_port_range check (ssh_port between 1 and 65535),
  constraint server_stack_known check (stack_kind in ('native')),
  constraint server_name_normal check (host_name = lower(host_name))
);
-- The EHLO name is free again once the server is gone.
create unique index server_host_name_once on fleet.server (tenant_id, workspace_id, host_name) where state <> 'destroyed';
create index server_workspace on fleet.server (tenant_id, workspace_id, id);
alter table fleet.server enable row level security;
alter table fleet.server force row level security;
create policy tenant on fleet.server
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server to penguin_app;

create table fleet.server_budget (
  tenant_id uuid not null,
  workspace_id uuid not null,
  servers_max integer not null default 5,
  monthly_max numeric(12, 2) not null default 100,
  currency text not null default 'EUR',
  primary key (tenant_id, workspace_id),
  constraint server_budget_servers_range check (servers_max between 0 and 1000),
  constraint server_budget_monthly_range check (monthly_max between 0 and 1000000)
);
alter table fleet.server_budget enable row level security;
alter table fleet.server_budget force row level security;
create policy tenant on fleet.server_budget
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server_budget to penguin_app;

-- That a host is connected; its token lies in the secret store.
create table fleet.server_host (
  tenant_id uuid not null,
  kind text not null,
  connected_at timestamptz not null,
  primary key (tenant_id, kind),
  constraint server_host_kind_known check (kind in ('hetzner', 'digitalocean', 'vultr', 'hostwinds'))
);
alter table fleet.server_host enable row level security;
alter table fleet.server_host force row level security;
create policy tenant on fleet.server_host
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server_host to penguin_app;
