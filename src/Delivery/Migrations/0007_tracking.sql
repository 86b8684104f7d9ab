-- Every visit to a tracked link, the pixel or the trap, and who it was taken for. No address of the visitor is kept.
alter table delivery.content add column tracks_opens boolean not null default false;
alter table delivery.content add column tracking_reach text not null default 'outside_eea';
alter table delivery.content add constraint content_tracking_reach_known check (tracking_reach in ('outside_eea', 'everywhere'));

create table delivery.visit (
  tenant_id uuid not null,
  message_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  kind text not null,
  number smallint not null default 0,
  is_head boolean not null default false,
  agent text not null default '',
  -- Empty until it is judged, with all that came at the same time.
  visitor text not null default '',
  reason text not null default '',
  primary key (tenant_id, message_id, id),
  foreign key (tenant_id, message_id) references delivery.message (tenant_id, id) on delete cascade,
  constraint visit_kind_known check (kind in ('open', 'click', 'trap')),
  constraint visit_visitor_known check (visitor in ('', 'person', 'machine')),
  constraint visit_machine_has_reason check (visitor <> 'machine' or reason <> '')
);
alter table delivery.visit enable row level security;
alter table delivery.visit force row level security;
create policy tenant on delivery.visit
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.visit to penguin_app;

alter table delivery.message add column opened_at timestamptz;

alter table delivery.fact add column is_machine boolean not null default false;
alter table delivery.fact drop constraint fact_kind_known;
alter table delivery.fact add constraint fact_kind_known check (kind in ('sent', 'deferred', 'bounced', 'failed', 'dropped', 'in_doubt', 'replied', 'auto_replied', 'complained', 'unsubscribed', 'opened', 'clicked'));
alter table delivery.fact add constraint fact_machine_visits check (not is_machine or kind in ('opened', 'clicked'));
