-- The conversation pool: mailboxes of accounts that agreed write each other (docs/adr/0020-conversation-pool.md). Off by default.

-- A message of a conversation is a row of the ledger without content: its words stand in its fields, and its mailbox stands in for the campaign.
-- Not validated, because every row there is has content.
alter table delivery.message alter column content_id drop not null;
alter table delivery.message add constraint message_words_given check (content_id is not null or campaign_id = mailbox_id) not valid;

-- The account's own consent. No row: it takes no part.
create table delivery.pool_consent (
  tenant_id uuid primary key,
  actor text not null,
  at timestamptz not null
);
alter table delivery.pool_consent enable row level security;
alter table delivery.pool_consent force row level security;
create policy tenant on delivery.pool_consent
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on delivery.pool_consent to penguin_app;

-- Each mailbox that takes part or once did, and why it stopped.
create table delivery.pool_mailbox (
  tenant_id uuid not null,
  mailbox_id uuid not null,
  is_on boolean not null,
  reason text not null default '',
  language text not null,
  per_day smallint not null,
  zone text not null,
  changed_at timestamptz not null,
  primary key (tenant_id, mailbox_id),
  constraint pool_mailbox_reason_length check (length(reason) <= 500),
  constraint pool_mailbox_stop_has_reason check (is_on or reason <> ''),
  constraint pool_mailbox_language_known check (language in ('en', 'de', 'fr', 'es')),
  constraint pool_mailbox_per_day_range check (per_day between 1 and 20)
);
alter table delivery.pool_mailbox enable row level security;
alter table delivery.pool_mailbox force row level security;
create policy tenant on delivery.pool_mailbox
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.pool_mailbox to penguin_app;

-- Who can be paired: only while account and mailbox agree. Ids and settings, no address (docs/security/unscoped-tables.md).
create table delivery.pool_member (
  mailbox_id uuid primary key,
  tenant_id uuid not null,
  language text not null,
  per_day smallint not null,
  zone text not null,
  planned_on date
);
create index pool_member_tenant on delivery.pool_member (tenant_id);
grant select, insert, update, delete on delivery.pool_member to penguin_app;

-- Who writes whom, how far it is, and when the next message is due. Ids, times and a seed that the words come from (docs/security/unscoped-tables.md).
create table delivery.conversation (
  id uuid primary key,
  language text not null,
  seed bigint not null,
  turns smallint not null,
  turn smallint not null default 0,
  from_tenant uuid not null,
  from_mailbox uuid not null,
  to_tenant uuid not null,
  to_mailbox uuid not null,
  next_at timestamptz,
  is_over boolean not null default false,
  started_at timestamptz not null,
  changed_at timestamptz not null,
  constraint conversation_never_within_an_account check (from_tenant <> to_tenant),
  constraint conversation_turn_range check (turns between 1 and 5 and turn between 0 and turns),
  constraint conversation_over_has_no_next check (not is_over or next_at is null)
);
create index conversation_next on delivery.conversation (next_at) where next_at is not null;
create index conversation_waiting on delivery.conversation (changed_at) where not is_over;
create index conversation_from on delivery.conversation (from_mailbox, started_at);
create index conversation_to on delivery.conversation (to_mailbox, started_at);
grant select, insert, update, delete on delivery.conversation to penguin_app;

-- Each message of a conversation: which row of whose ledger it is, whose mailbox knows it again, and where it was found (docs/security/unscoped-tables.md).
create table delivery.conversation_turn (
  message_id uuid primary key,
  conversation_id uuid not null references delivery.conversation (id) on delete cascade,
  turn smallint not null,
  from_tenant uuid not null,
  from_mailbox uuid not null,
  to_tenant uuid not null,
  to_mailbox uuid not null,
  asked_at timestamptz not null,
  found_in text,
  found_at timestamptz,
  is_told boolean not null default false,
  constraint conversation_turn_once unique (conversation_id, turn),
  constraint conversation_turn_place_known check (found_in in ('inbox', 'junk', 'other')),
  constraint conversation_turn_found_whole check ((found_in is null) = (found_at is null))
);
create index conversation_turn_sent on delivery.conversation_turn (from_mailbox, asked_at);
create index conversation_turn_untold on delivery.conversation_turn (asked_at) where not is_told;
grant select, insert, update, delete on delivery.conversation_turn to penguin_app;

-- Where the mail of a mailbox was found at its recipients: a signal of its warm-up.
create table delivery.placement (
  tenant_id uuid not null,
  message_id uuid not null,
  mailbox_id uuid not null,
  provider text not null,
  folder text not null,
  found_at timestamptz not null,
  primary key (tenant_id, message_id),
  constraint placement_folder_known check (folder in ('inbox', 'junk', 'other'))
);
create index placement_mailbox on delivery.placement (tenant_id, mailbox_id, found_at);
alter table delivery.placement enable row level security;
alter table delivery.placement force row level security;
create policy tenant on delivery.placement
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on delivery.placement to penguin_app;

-- What came into a mailbox from the pool, and what was done with it. message_id is the sender's; of the other side only the address is here.
create table delivery.conversation_mail (
  tenant_id uuid not null,
  message_id uuid not null,
  mailbox_id uuid not null,
  sender text not null,
  found_in text not null,
  folder text not null,
  uid_validity bigint not null,
  uid bigint not null,
  state text not null,
  came_at timestamptz not null,
  filed_at timestamptz,
  primary key (tenant_id, message_id),
  constraint conversation_mail_place_known check (found_in in ('inbox', 'junk')),
  constraint conversation_mail_state_known check (state in ('found', 'rescued', 'filed', 'gone')),
  constraint conversation_mail_filed_has_time check (state <> 'filed' or filed_at is not null)
);
create index conversation_mail_unfiled on delivery.conversation_mail (tenant_id, mailbox_id) where state in ('found', 'rescued');
create index conversation_mail_came on delivery.conversation_mail (tenant_id, came_at);
alter table delivery.conversation_mail enable row level security;
alter table delivery.conversation_mail force row level security;
create policy tenant on delivery.conversation_mail
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.conversation_mail to penguin_app;

-- Placement is handed to a warm-up in lots: what was found since then has not been handed over.
alter table delivery.warm_up add column placement_from timestamptz;
