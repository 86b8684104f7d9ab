-- Contacts and lists, imports, templates, campaigns of one step.

create table campaigns.contact (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  email text collate "C" not null,
  first_name text not null default '',
  last_name text not null default '',
  company text not null default '',
  attributes jsonb not null default '{}',
  is_role boolean not null,
  is_consumer boolean not null,
  source text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  constraint contact_once unique (tenant_id, workspace_id, email),
  constraint contact_email_normal check (email = lower(email))
);
-- The list page without a search reads newest first: backwards, so that new contacts go in at the end.
create index contact_newest on campaigns.contact (tenant_id, workspace_id, id);
alter table campaigns.contact enable row level security;
alter table campaigns.contact force row level security;
create policy tenant on campaigns.contact
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.contact to penguin_app;

create table campaigns.list (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  name text not null,
  contacts bigint not null default 0,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint list_contacts_counted check (contacts >= 0),
  constraint list_once unique (tenant_id, workspace_id, name)
);
alter table campaigns.list enable row level security;
alter table campaigns.list force row level security;
create policy tenant on campaigns.list
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.list to penguin_app;

-- No foreign key: whoever adds members changes the list's number of contacts in the same transaction and so holds its row,
-- and a look-up for each of a million rows would cost as much as the rows.
create table campaigns.list_member (
  tenant_id uuid not null,
  list_id uuid not null,
  contact_id uuid not null,
  primary key (tenant_id, list_id, contact_id)
);
-- Removing a contact removes its memberships without a look at every list.
create index list_member_contact on campaigns.list_member (tenant_id, contact_id);
alter table campaigns.list_member enable row level security;
alter table campaigns.list_member force row level security;
create policy tenant on campaigns.list_member
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.list_member to penguin_app;

create table campaigns.import (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  list_id uuid not null,
  file_name text not null,
  bytes bigint not null,
  encoding text not null,
  delimiter text not null,
  header text[] not null,
  sample jsonb not null,
  mapping jsonb not null,
  policy text not null,
  state text not null default 'uploaded',
  job_id uuid,
  rows_read bigint not null default 0,
  added bigint not null default 0,
  updated bigint not null default 0,
  duplicates bigint not null default 0,
  rejected bigint not null default 0,
  problem text,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, list_id) references campaigns.list (tenant_id, id),
  constraint import_policy_known check (policy in ('skip', 'update')),
  constraint import_state_known check (state in ('uploaded', 'running', 'done', 'failed', 'cancelled'))
);
alter table campaigns.import enable row level security;
alter table campaigns.import force row level security;
create policy tenant on campaigns.import
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.import to penguin_app;

-- The uploaded file in pieces of 1 MB, each deflated, so that any worker can read it; removed when the import ends.
create table campaigns.import_chunk (
  tenant_id uuid not null,
  import_id uuid not null,
  number integer not null,
  bytes bytea not null,
  primary key (tenant_id, import_id, number),
  foreign key (tenant_id, import_id) references campaigns.import (tenant_id, id) on delete cascade
);
alter table campaigns.import_chunk alter column bytes set storage external;
alter table campaigns.import_chunk enable row level security;
alter table campaigns.import_chunk force row level security;
create policy tenant on campaigns.import_chunk
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.import_chunk to penguin_app;

create table campaigns.import_error (
  tenant_id uuid not null,
  import_id uuid not null,
  row_number bigint not null,
  line bigint not null,
  code text not null,
  detail text not null,
  raw text not null,
  primary key (tenant_id, import_id, row_number),
  foreign key (tenant_id, import_id) references campaigns.import (tenant_id, id) on delete cascade
);
alter table campaigns.import_error enable row level security;
alter table campaigns.import_error force row level security;
create policy tenant on campaigns.import_error
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.import_error to penguin_app;

create table campaigns.template (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  name text not null,
  subject text not null,
  html text not null,
  text text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  constraint template_once unique (tenant_id, workspace_id, name)
);
alter table campaigns.template enable row level security;
alter table campaigns.template force row level security;
create policy tenant on campaigns.template
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.template to penguin_app;

create table campaigns.campaign (
  tenant_id uuid not null,
  id uuid not null,
  workspace_id uuid not null,
  name text not null,
  template_id uuid not null,
  list_id uuid not null,
  state text not null default 'draft',
  zone text not null,
  days smallint not null,
  from_minute smallint not null,
  to_minute smallint not null,
  consumer_policy text not null default 'block',
  includes_roles boolean not null default false,
  tracks_clicks boolean not null default false,
  enqueued bigint not null default 0,
  excluded_suppressed bigint not null default 0,
  excluded_consumer bigint not null default 0,
  excluded_role bigint not null default 0,
  last_contact_id uuid,
  launched_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, template_id) references campaigns.template (tenant_id, id),
  foreign key (tenant_id, list_id) references campaigns.list (tenant_id, id),
  constraint campaign_once unique (tenant_id, workspace_id, name),
  constraint campaign_state_known check (state in ('draft', 'launching', 'running', 'paused', 'completed', 'stopped')),
  constraint campaign_consumer_policy_known check (consumer_policy in ('block', 'exclude', 'allow'))
);
alter table campaigns.campaign enable row level security;
alter table campaigns.campaign force row level security;
create policy tenant on campaigns.campaign
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.campaign to penguin_app;

create table campaigns.campaign_mailbox (
  tenant_id uuid not null,
  campaign_id uuid not null,
  mailbox_id uuid not null,
  primary key (tenant_id, campaign_id, mailbox_id),
  foreign key (tenant_id, campaign_id) references campaigns.campaign (tenant_id, id) on delete cascade
);
alter table campaigns.campaign_mailbox enable row level security;
alter table campaigns.campaign_mailbox force row level security;
create policy tenant on campaigns.campaign_mailbox
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on campaigns.campaign_mailbox to penguin_app;
