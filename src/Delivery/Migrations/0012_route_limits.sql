-- Two scopes more: what a sending domain sends to one receiving provider, and what one mailbox sends whoever receives it. And why a limit was set.
alter table delivery.send_limit
  drop constraint send_limit_scope_known,
  add constraint send_limit_scope_known check (scope in ('account', 'domain', 'server', 'company', 'provider', 'domain_provider', 'mailbox')),
  add column reason text not null default '';
