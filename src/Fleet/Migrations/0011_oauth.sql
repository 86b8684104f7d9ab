-- Mailboxes at Google and Microsoft that log in with access tokens instead of a password. The refresh token lies in the secret store at mailboxes/<id>/oauth.
alter table fleet.mailbox add column auth text not null default 'password';
-- Whose account at the provider gave the consent; another person's does not take the mailbox over.
alter table fleet.mailbox add column oauth_subject text;
-- Since when the provider takes the refresh token no more, and its word for it.
alter table fleet.mailbox add column consent_lost_at timestamptz;
alter table fleet.mailbox add column consent_lost_cause text;
alter table fleet.mailbox add constraint mailbox_auth_known check (auth in ('password', 'google', 'microsoft'));
alter table fleet.mailbox add constraint mailbox_oauth_without_password check (
  (auth = 'password') = (oauth_subject is null)
  and (auth = 'password' or (smtp_secret_version is null and smtp_secret_sealed is null and imap_secret_version is null and imap_secret_sealed is null and server_id is null)));
alter table fleet.mailbox add constraint mailbox_consent_lost_whole check (
  (consent_lost_at is null) = (consent_lost_cause is null) and (consent_lost_at is null or auth <> 'password'));

-- A person on the way to the provider and back: once, within minutes. The state itself is not kept, only its hash; the PKCE verifier is sealed.
create table fleet.oauth_state (
  tenant_id uuid not null,
  state_hash bytea not null,
  workspace_id uuid not null,
  user_id uuid not null,
  provider text not null,
  mailbox_id uuid,
  address text not null,
  display_name text not null,
  verifier_sealed bytea not null,
  expires_at timestamptz not null,
  primary key (tenant_id, state_hash),
  foreign key (tenant_id, mailbox_id) references fleet.mailbox (tenant_id, id) on delete cascade,
  constraint oauth_state_provider_known check (provider in ('google', 'microsoft')),
  constraint oauth_state_hash_length check (octet_length(state_hash) = 32)
);
alter table fleet.oauth_state enable row level security;
alter table fleet.oauth_state force row level security;
create policy tenant on fleet.oauth_state
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on fleet.oauth_state to penguin_app;
