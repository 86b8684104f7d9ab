-- Where a recipient is, and what gives the right to write to them; when a campaign sends, and how it spreads the day.

-- recipient_kind is empty when it follows from the address.
alter table campaigns.contact
  add column country text not null default '',
  add column is_country_presumed boolean not null default false,
  add column zone text not null default '',
  add column recipient_kind text not null default '',
  add column basis text not null default 'none',
  add column evidence text not null default '',
  add column obtained_on date,
  add column expires_on date,
  add column withdrawn_at timestamptz,
  add constraint contact_country_code check (country ~ '^([A-Z]{2})?$'),
  add constraint contact_recipient_kind_known check (recipient_kind in ('', 'individual', 'employee', 'company')),
  add constraint contact_basis_known check (basis in ('none', 'legitimate_interest', 'published_address', 'disclosed_address', 'inquiry', 'existing_customer', 'express')),
  add constraint contact_evidence_length check (length(evidence) <= 1000);

alter table campaigns.campaign
  add column clock text not null default 'sender',
  add column shape text not null default 'none',
  add column skips_holidays boolean not null default true,
  add constraint campaign_clock_known check (clock in ('sender', 'recipient')),
  add constraint campaign_shape_known check (shape in ('none', 'flat', 'working_day'));
