-- How a domain's DNS is run and what shall stand there, and the plans that bring it about.
create table fleet.dns_setup (
  tenant_id uuid not null,
  domain_id uuid not null,
  host_kind text not null default 'by_hand',
  zone text,
  settings jsonb not null default '{}',
  secret_sealed bytea,
  challenge text not null,
  proved_at timestamptz,
  dmarc_stage text not null default 'none',
  dmarc_reason text not null default '',
  dkim_next_selector text not null,
  dkim_next_public_key text not null,
  dkim_next_private_key_sealed bytea not null,
  dkim_delegate text,
  dkim_rotated_at timestamptz,
  mx_hosts text[] not null default '{}',
  has_mta_sts boolean not null default false,
  has_tls_reports boolean not null default false,
  has_autoconfig boolean not null default false,
  created_at timestamptz not null,
  primary key (tenant_id, domain_id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint dns_setup_host_known check (host_kind in ('by_hand', 'rfc2136', 'powerdns', 'cloudflare', 'route53', 'hetzner')),
  constraint dns_setup_host_whole check (host_kind = 'by_hand' or (zone is not null and secret_sealed is not null)),
  constraint dns_setup_stage_known check (dmarc_stage in ('none', 'quarantine', 'reject')),
  constraint dns_setup_zone_normal check (zone = lower(zone))
);
alter table fleet.dns_setup enable row level security;
alter table fleet.dns_setup force row level security;
create policy tenant on fleet.dns_setup
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.dns_setup to penguin_app;

create table fleet.dns_plan (
  tenant_id uuid not null,
  id uuid not null,
  domain_id uuid not null,
  state text not null,
  origin text not null,
  undoes uuid,
  host_kind text not null,
  zone text not null,
  items jsonb not null,
  findings jsonb not null,
  seen jsonb not null default '[]',
  problem text not null default '',
  created_at timestamptz not null,
  applied_at timestamptz,
  written_at timestamptz,
  verified_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint dns_plan_state_known check (state in ('ready', 'applying', 'written', 'verified', 'failed', 'stale', 'undone')),
  constraint dns_plan_origin_known check (origin in ('person', 'drift', 'undo')),
  constraint dns_plan_undo_whole check ((origin = 'undo') = (undoes is not null)),
  constraint dns_plan_applied check (state not in ('applying', 'failed') or applied_at is not null),
  constraint dns_plan_written check (state not in ('written', 'verified', 'undone') or written_at is not null),
  constraint dns_plan_verified check (state <> 'verified' or verified_at is not null)
);
create index dns_plan_domain on fleet.dns_plan (tenant_id, domain_id, id);
-- One plan of a domain at most is at work on its zone.
create unique index dns_plan_one_at_work on fleet.dns_plan (tenant_id, domain_id) where state = 'applying';
alter table fleet.dns_plan enable row level security;
alter table fleet.dns_plan force row level security;
create policy tenant on fleet.dns_plan
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.dns_plan to penguin_app;
