-- Zones at DigitalOcean; the mode of MTA-STS; the logo of BIMI; and which web hosts below customers' domains are answered here.
alter table fleet.dns_setup drop constraint dns_setup_host_known;
alter table fleet.dns_setup add constraint dns_setup_host_known check (host_kind in ('by_hand', 'rfc2136', 'powerdns', 'cloudflare', 'route53', 'hetzner', 'digitalocean'));

alter table fleet.dns_setup add column mta_sts_mode text not null default 'testing';
alter table fleet.dns_setup add constraint dns_setup_mta_sts_mode_known check (mta_sts_mode in ('none', 'testing', 'enforce'));

-- Hosts that took mail until lately. A policy that forgot them before DNS does would make senders refuse them.
alter table fleet.dns_setup add column mx_hosts_left text[] not null default '{}';

alter table fleet.dns_setup add column bimi_logo text not null default '';
alter table fleet.dns_setup add column bimi_evidence text not null default '';
alter table fleet.dns_setup add constraint dns_setup_bimi_whole check (bimi_logo <> '' or bimi_evidence = '');

-- Whose domain a web request is for: it comes with a host name alone (docs/security/unscoped-tables.md).
create table fleet.web_name (
  host text not null,
  kind text not null,
  tenant_id uuid not null,
  domain_id uuid not null,
  primary key (host, tenant_id),
  foreign key (tenant_id, domain_id) references fleet.domain (tenant_id, id) on delete cascade,
  constraint web_name_kind_known check (kind in ('mta_sts', 'autoconfig', 'tracking')),
  constraint web_name_host_normal check (host = lower(host))
);
grant select, insert, delete on fleet.web_name to penguin_app;
