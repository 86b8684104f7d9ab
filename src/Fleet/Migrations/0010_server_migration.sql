-- Steps belong to a walk of any kind: of a provisioning, or of the migration of a server.
alter table fleet.provisioning_step rename to walk_step;
alter table fleet.walk_step rename column provisioning_id to walk_id;
alter table fleet.walk_step rename constraint provisioning_step_pkey to walk_step_pkey;
alter table fleet.walk_step rename constraint provisioning_step_state_known to walk_step_state_known;
alter table fleet.walk_step rename constraint provisioning_step_clock to walk_step_clock;
alter table fleet.walk_step rename constraint provisioning_step_done to walk_step_done;
alter table fleet.walk_step drop constraint provisioning_step_tenant_id_provisioning_id_fkey;
alter table fleet.walk_step drop constraint provisioning_step_known;
alter table fleet.walk_step add constraint walk_step_known check (step in ('server', 'domain', 'stack', 'dns', 'ptr', 'certificate', 'dkim', 'mailbox', 'test_mail', 'switch', 'exchange', 'keys', 'mail', 'leave', 'clean'));

-- Everything of one server goes to another, so that the first can be given up. States are drawn in docs/states/server-migration.md.
create table fleet.server_migration (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  state text not null default 'running',
  from_server_id uuid not null,
  to_server_id uuid not null,
  is_mail_left boolean not null default false,
  switched_at timestamptz,
  left_at timestamptz,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, from_server_id) references fleet.server (tenant_id, id),
  foreign key (tenant_id, to_server_id) references fleet.server (tenant_id, id),
  constraint server_migration_two_servers check (from_server_id <> to_server_id),
  constraint server_migration_state_known check (state in ('running', 'stopped', 'undoing', 'done', 'cancelled')),
  constraint server_migration_ended check ((state in ('done', 'cancelled')) = (ended_at is not null)),
  constraint server_migration_undone_early check (state not in ('undoing', 'cancelled') or switched_at is null),
  constraint server_migration_left_after check (left_at is null or switched_at is not null)
);
-- A server is left, or moved to, once at a time.
create unique index server_migration_one_from on fleet.server_migration (tenant_id, from_server_id) where state in ('running', 'stopped', 'undoing');
create unique index server_migration_one_to on fleet.server_migration (tenant_id, to_server_id) where state in ('running', 'stopped', 'undoing');
create index server_migration_newest on fleet.server_migration (tenant_id, workspace_id, id);
alter table fleet.server_migration enable row level security;
alter table fleet.server_migration force row level security;
create policy tenant on fleet.server_migration
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server_migration to penguin_app;

-- The domains that move: which plan writes their DNS at the step that is taken, and how far their keys are.
create table fleet.server_migration_domain (
  tenant_id uuid not null,
  migration_id uuid not null,
  domain_id uuid not null,
  dns_step text,
  dns_plan_id uuid,
  test_mail_id uuid,
  has_new_key boolean not null default false,
  is_old_key_revoked boolean not null default false,
  primary key (tenant_id, migration_id, domain_id),
  foreign key (tenant_id, migration_id) references fleet.server_migration (tenant_id, id) on delete cascade,
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint server_migration_domain_plan check ((dns_step is null) = (dns_plan_id is null)),
  constraint server_migration_domain_keys check (has_new_key or not is_old_key_revoked)
);
create index server_migration_of_domain on fleet.server_migration_domain (tenant_id, domain_id);
alter table fleet.server_migration_domain enable row level security;
alter table fleet.server_migration_domain force row level security;
create policy tenant on fleet.server_migration_domain
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server_migration_domain to penguin_app;

-- The mailboxes that move, and how much of their mail was carried over.
create table fleet.server_migration_mailbox (
  tenant_id uuid not null,
  migration_id uuid not null,
  mailbox_id uuid not null,
  messages bigint not null default 0,
  octets bigint not null default 0,
  compared_at timestamptz,
  problem text not null default '',
  primary key (tenant_id, migration_id, mailbox_id),
  foreign key (tenant_id, migration_id) references fleet.server_migration (tenant_id, id) on delete cascade,
  foreign key (tenant_id, mailbox_id) references fleet.mailbox (tenant_id, id) on delete cascade,
  constraint server_migration_mailbox_counts check (messages >= 0 and octets >= 0)
);
alter table fleet.server_migration_mailbox enable row level security;
alter table fleet.server_migration_mailbox force row level security;
create policy tenant on fleet.server_migration_mailbox
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.server_migration_mailbox to penguin_app;

-- Selectors whose keys are revoked: their records are taken away.
alter table fleet.dns_setup add column dkim_revoked_selectors text[] not null default '{}';
