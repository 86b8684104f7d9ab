-- What receivers report about a domain's mail: DMARC aggregate reports (RFC 9990) and TLS reports (RFC 8460).
-- Everything here came from outside: texts are cut, rows and reports are counted, and what is old goes.

-- Whose reports a return-path host takes: the edge knows only the address (docs/security/unscoped-tables.md).
create table fleet.report_route (
  host text not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  primary key (host, tenant_id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade
);
grant select, insert, delete on fleet.report_route to penguin_app;

create table fleet.report (
  tenant_id uuid not null,
  id uuid not null,
  domain_id uuid not null,
  kind text not null,
  state text not null default 'received',
  reason text not null default '',
  mail_from text not null,
  client text not null,
  hello text not null,
  raw bytea,
  reporter text not null default '',
  org text not null default '',
  contact text not null default '',
  report_key text not null default '',
  begins_at timestamptz,
  ends_at timestamptz,
  policy text not null default '',
  messages bigint not null default 0,
  messages_left_out bigint not null default 0,
  received_at timestamptz not null,
  read_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint report_kind_known check (kind in ('dmarc', 'tls')),
  constraint report_state_known check (state in ('received', 'counted', 'set_aside', 'rejected')),
  constraint report_raw_until_read check ((state = 'received') = (raw is not null) and (state = 'received') = (read_at is null)),
  constraint report_raw_size check (octet_length(raw) <= 5242880),
  constraint report_range check (state in ('received', 'rejected') or (begins_at is not null and ends_at is not null and begins_at <= ends_at)),
  constraint report_counted_is_proved check (state <> 'counted' or reporter <> ''),
  constraint report_counts check (messages >= 0 and messages_left_out >= 0)
);
-- The same report twice counts once.
create unique index report_once on fleet.report (tenant_id, domain_id, kind, reporter, org, report_key, begins_at) where state in ('counted', 'set_aside');
create index report_received on fleet.report (tenant_id, domain_id, received_at);
alter table fleet.report enable row level security;
alter table fleet.report force row level security;
create policy tenant on fleet.report
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.report to penguin_app;

create table fleet.dmarc_row (
  tenant_id uuid not null,
  report_id uuid not null,
  line integer not null,
  domain_id uuid not null,
  day date not null,
  source text not null,
  messages bigint not null,
  disposition text not null,
  is_dkim_aligned boolean not null,
  is_spf_aligned boolean not null,
  header_from text not null,
  envelope_from text not null,
  dkim_domain text not null,
  dkim_selector text not null,
  dkim_result text not null,
  spf_domain text not null,
  spf_result text not null,
  reasons text[] not null,
  is_in_spf boolean,
  host text not null default '',
  primary key (tenant_id, report_id, line),
  foreign key (tenant_id, report_id) references fleet.report (tenant_id, id) on delete cascade,
  constraint dmarc_row_messages check (messages > 0)
);
create index dmarc_row_day on fleet.dmarc_row (tenant_id, domain_id, day);
alter table fleet.dmarc_row enable row level security;
alter table fleet.dmarc_row force row level security;
create policy tenant on fleet.dmarc_row
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.dmarc_row to penguin_app;

-- A row without a result holds the totals of one policy; one with a result holds failures of that kind.
create table fleet.tls_row (
  tenant_id uuid not null,
  report_id uuid not null,
  line integer not null,
  domain_id uuid not null,
  day date not null,
  policy_type text not null,
  policy_domain text not null,
  result text not null,
  successes bigint not null,
  failures bigint not null,
  mx_host text not null,
  sending_ip text not null,
  detail text not null,
  primary key (tenant_id, report_id, line),
  foreign key (tenant_id, report_id) references fleet.report (tenant_id, id) on delete cascade,
  constraint tls_row_counts check (successes >= 0 and failures >= 0)
);
create index tls_row_day on fleet.tls_row (tenant_id, domain_id, day);
alter table fleet.tls_row enable row level security;
alter table fleet.tls_row force row level security;
create policy tenant on fleet.tls_row
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.tls_row to penguin_app;
