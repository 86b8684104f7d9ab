-- What an account asks for where the recipient's country is not known.
create table compliance.consent_policy (
  tenant_id uuid primary key,
  unknown_country text not null,
  own_country text not null default '',
  updated_at timestamptz not null,
  constraint consent_policy_unknown_known check (unknown_country in ('source', 'own', 'strictest', 'hold')),
  constraint consent_policy_country_code check (own_country ~ '^([A-Z]{2})?$')
);
alter table compliance.consent_policy enable row level security;
alter table compliance.consent_policy force row level security;
create policy tenant on compliance.consent_policy
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on compliance.consent_policy to penguin_app;
