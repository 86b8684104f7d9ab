-- How a domain's mail leaves: handed to the mailbox's own server, or brought to the recipients' servers by this installation itself.
alter table fleet.domain
  add column transport text not null default 'server',
  add column source_address text not null default '',
  add column ehlo_name text not null default '',
  add column transport_at timestamptz,
  add constraint domain_transport_known check (transport in ('server', 'direct')),
  add constraint domain_direct_only check (transport = 'direct' or (source_address = '' and ehlo_name = ''));
