-- Which server of ours a domain's mail leaves from and a mailbox lies on; null for those at other providers.
alter table fleet.domain add column server_id uuid;
alter table fleet.domain add constraint domain_server foreign key (tenant_id, server_id) references fleet.server (tenant_id, id);
create index domain_server on fleet.domain (tenant_id, server_id) where server_id is not null;
alter table fleet.mailbox add column server_id uuid;
alter table fleet.mailbox add column quota_mb integer;
alter table fleet.mailbox add column hourly_limit integer;
-- While passwords of a mailbox change places: where those lie that its server accepts beside the ones in use.
alter table fleet.mailbox add column also_secret_version integer;
alter table fleet.mailbox add constraint mailbox_server foreign key (tenant_id, server_id) references fleet.server (tenant_id, id);
alter table fleet.mailbox add constraint mailbox_hosted_whole check ((server_id is null) = (quota_mb is null) and (server_id is null) = (hourly_limit is null));
alter table fleet.mailbox add constraint mailbox_quota_range check (quota_mb between 10 and 1000000);
alter table fleet.mailbox add constraint mailbox_hourly_range check (hourly_limit between 1 and 100000);
create index mailbox_server on fleet.mailbox (tenant_id, server_id) where server_id is not null;

-- Mail that a mailbox sent to this installation, and what the edge saw of it.
create table fleet.test_mail (
  tenant_id uuid not null,
  id uuid not null,
  mailbox_id uuid not null,
  token_hash bytea not null,
  state text not null,
  problem text not null default '',
  smtp_text text not null default '',
  sent_at timestamptz not null,
  arrived_at timestamptz,
  arrival jsonb,
  primary key (tenant_id, id),
  foreign key (tenant_id, mailbox_id) references fleet.mailbox (tenant_id, id) on delete cascade,
  constraint test_mail_state_known check (state in ('sending', 'sent', 'refused', 'arrived', 'bounced')),
  constraint test_mail_arrived check (state <> 'arrived' or (arrived_at is not null and arrival is not null)),
  constraint test_mail_token unique (tenant_id, token_hash)
);
create index test_mail_mailbox on fleet.test_mail (tenant_id, mailbox_id, id);
alter table fleet.test_mail enable row level security;
alter table fleet.test_mail force row level security;
create policy tenant on fleet.test_mail
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.test_mail to penguin_app;

-- One walk from a domain name to mailboxes that send, and its steps. States are drawn in docs/states/provisioning.md.
create table fleet.provisioning (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  state text not null default 'running',
  wish jsonb not null,
  server_id uuid not null,
  domain_id uuid,
  dns_plan_id uuid,
  test_mail_id uuid,
  has_made_domain boolean not null default false,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, server_id) references fleet.server (tenant_id, id),
  constraint provisioning_state_known check (state in ('running', 'stopped', 'undoing', 'ready', 'cancelled')),
  constraint provisioning_ended check ((state in ('ready', 'cancelled')) = (ended_at is not null))
);
-- A domain is on one walk at a time.
create unique index provisioning_one_at_work on fleet.provisioning (tenant_id, domain_id) where state in ('running', 'stopped', 'undoing');
create index provisioning_newest on fleet.provisioning (tenant_id, workspace_id, id);
alter table fleet.provisioning enable row level security;
alter table fleet.provisioning force row level security;
create policy tenant on fleet.provisioning
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.provisioning to penguin_app;

create table fleet.provisioning_step (
  tenant_id uuid not null,
  provisioning_id uuid not null,
  step text not null,
  state text not null default 'open',
  note text not null default '',
  problem_code text not null default '',
  attempts integer not null default 0,
  platform_ms bigint not null default 0,
  customer_ms bigint not null default 0,
  since timestamptz,
  patient_from_ms bigint not null default 0,
  done_at timestamptz,
  primary key (tenant_id, provisioning_id, step),
  foreign key (tenant_id, provisioning_id) references fleet.provisioning (tenant_id, id) on delete cascade,
  constraint provisioning_step_known check (step in ('server', 'domain', 'stack', 'dns', 'ptr', 'certificate', 'dkim', 'mailbox', 'test_mail')),
  constraint provisioning_step_state_known check (state in ('open', 'running', 'waiting', 'customer', 'stopped', 'done', 'undone')),
  constraint provisioning_step_clock check ((state in ('running', 'waiting', 'customer')) = (since is not null)),
  constraint provisioning_step_done check (state <> 'done' or done_at is not null)
);
alter table fleet.provisioning_step enable row level security;
alter table fleet.provisioning_step force row level security;
create policy tenant on fleet.provisioning_step
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.provisioning_step to penguin_app;

-- What its mail stack is asked for beyond domains and mailboxes, and how the last try to bring it about ended.
alter table fleet.server add column has_certificate boolean not null default false;
alter table fleet.server add column stack_note text not null default '';
alter table fleet.server add column stack_problem text not null default '';
alter table fleet.server add column stack_failures integer not null default 0;
alter table fleet.server add column stack_tried_at timestamptz;
