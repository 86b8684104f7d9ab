-- When a recipient may be written to, and whether: what is known of them is kept with each message, and how a campaign spreads its mail with its control.

-- Whose clock the window is read on, how a mailbox's day is spread over it, and whether public holidays are left out.
alter table delivery.campaign_control
  add column clock text not null default 'sender',
  add column shape text not null default 'none',
  add column skips_holidays boolean not null default false,
  add constraint campaign_control_clock_known check (clock in ('sender', 'recipient')),
  add constraint campaign_control_shape_known check (shape in ('none', 'flat', 'working_day'));

-- As it was when the message was written, and as the contact was changed since: what is decided reads nothing else.
alter table delivery.message
  add column country text not null default '',
  add column zone text not null default '',
  add column recipient_kind text not null default 'employee',
  add column basis text not null default 'none',
  add column basis_on date,
  add column basis_until date,
  add column has_evidence boolean not null default false,
  add column has_source boolean not null default true,
  add column is_withdrawn boolean not null default false,
  add constraint message_recipient_kind_known check (recipient_kind in ('individual', 'employee', 'company')),
  add constraint message_basis_known check (basis in ('none', 'legitimate_interest', 'published_address', 'disclosed_address', 'inquiry', 'existing_customer', 'express'));

-- Who is away, by the last absence notice of each address: what is not sent yet waits until after that day, of whatever campaign it is.
create table delivery.away (
  tenant_id uuid not null,
  address text not null,
  until date not null,
  told_at timestamptz not null,
  primary key (tenant_id, address)
);
alter table delivery.away enable row level security;
alter table delivery.away force row level security;
create policy tenant on delivery.away
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on delivery.away to penguin_app;
