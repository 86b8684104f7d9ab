-- Mail that is fetched over IMAP, what it is matched by, and what servers know of messages in doubt.

-- Whose mailbox is looked into next: the collector works across tenants. Ids, times and a code only (docs/security/unscoped-tables.md).
create table delivery.collection (
  mailbox_id uuid primary key,
  tenant_id uuid not null,
  since timestamptz not null,
  ready_at timestamptz not null,
  is_paused boolean not null default false,
  failures integer not null default 0,
  trouble text not null default '',
  looked_at timestamptz,
  lease_until timestamptz,
  lease_token uuid,
  constraint collection_failures_range check (failures >= 0)
);
create index collection_ready on delivery.collection (ready_at);
create index collection_tenant on delivery.collection (tenant_id);
grant select, insert, update, delete on delivery.collection to penguin_app;

-- How far each folder was handed over (RFC 9051 2.3.1.1). Written with each message, so a crash neither loses nor doubles one.
create table delivery.collected_folder (
  tenant_id uuid not null,
  mailbox_id uuid not null,
  folder text not null,
  uid_validity bigint not null,
  last_uid bigint not null,
  highest_mod_seq bigint,
  stock_end bigint not null,
  since timestamptz,
  is_recovering boolean not null,
  looked_at bigint not null default 0,
  kept bigint not null default 0,
  at timestamptz not null,
  primary key (tenant_id, mailbox_id, folder),
  constraint collected_folder_counts check (kept between 0 and looked_at),
  constraint collected_folder_uids check (uid_validity between 0 and 4294967295 and last_uid between 0 and 4294967295 and stock_end between 0 and 4294967295)
);
alter table delivery.collected_folder enable row level security;
alter table delivery.collected_folder force row level security;
create policy tenant on delivery.collected_folder
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.collected_folder to penguin_app;

-- Where a message was fetched: empty for what came to the edge.
alter table delivery.inbound
  add column workspace_id uuid,
  add column mailbox_id uuid,
  add column folder text,
  add column uid_validity bigint,
  add column uid bigint,
  add column fingerprint text,
  add column octets_hash text,
  add column matched_by text not null default '',
  add constraint inbound_collected_whole check (
    (mailbox_id is null) = (folder is null) and (mailbox_id is null) = (uid_validity is null) and (mailbox_id is null) = (uid is null)
    and (mailbox_id is null) = (fingerprint is null) and (mailbox_id is null) = (octets_hash is null)),
  add constraint inbound_matched_by_known check (matched_by in ('', 'token', 'message_id', 'recipient'));
-- Once for each place, and once for the same octets when a server gives its identifiers anew or a person moves the message.
create unique index inbound_place on delivery.inbound (tenant_id, mailbox_id, folder, uid_validity, uid) where mailbox_id is not null;
create unique index inbound_octets on delivery.inbound (tenant_id, mailbox_id, octets_hash) where mailbox_id is not null;
create index inbound_fingerprint on delivery.inbound (tenant_id, mailbox_id, fingerprint) where mailbox_id is not null;
create index inbound_unmatched on delivery.inbound (tenant_id, id) where kind = 'unmatched';

-- The last day of absence that an absence notice named; follow-ups wait for it.
alter table delivery.message add column away_until date;

-- Messages in doubt whose servers are to be asked, by time: ids and times only (docs/security/unscoped-tables.md). An index of delivery.message by state
-- would cost every send its heap-only update, so the change itself is noted here.
create table delivery.doubt (
  tenant_id uuid not null,
  message_id uuid not null,
  due_at timestamptz not null,
  looks smallint not null default 0,
  primary key (tenant_id, message_id)
);
create index doubt_due on delivery.doubt (due_at);
grant select, insert, update, delete on delivery.doubt to penguin_app;

create function delivery.note_doubt() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  insert into delivery.doubt (tenant_id, message_id, due_at)
  values (new.tenant_id, new.id, new.state_at + interval '2 minutes')
  on conflict (tenant_id, message_id) do update set due_at = excluded.due_at, looks = 0;
  return null;
end $$;

create trigger message_in_doubt after update of state on delivery.message
  for each row when (new.state = 'in_doubt' and old.state <> 'in_doubt') execute function delivery.note_doubt();

-- Those that are in doubt already. The owner of the table sees them while row-level security is not forced on it.
alter table delivery.message no force row level security;
insert into delivery.doubt (tenant_id, message_id, due_at) select tenant_id, id, state_at from delivery.message where state = 'in_doubt';
alter table delivery.message force row level security;

-- What was looked at for a message in doubt, and what it said: the last look into each source.
create table delivery.evidence (
  tenant_id uuid not null,
  message_id uuid not null,
  source text not null,
  verdict text not null,
  detail text not null,
  first_at timestamptz not null,
  at timestamptz not null,
  primary key (tenant_id, message_id, source),
  foreign key (tenant_id, message_id) references delivery.message (tenant_id, id) on delete cascade,
  constraint evidence_source_known check (source in ('delivery_log', 'sent_folder', 'none')),
  constraint evidence_verdict_known check (verdict in ('accepted', 'not_accepted', 'nothing', 'not_readable')),
  constraint evidence_detail_length check (length(detail) <= 500)
);
alter table delivery.evidence enable row level security;
alter table delivery.evidence force row level security;
create policy tenant on delivery.evidence
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.evidence to penguin_app;
