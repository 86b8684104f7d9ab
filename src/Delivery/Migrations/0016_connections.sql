-- Connections to recipients' servers that processes hold or wait for, so that together they keep to what a provider takes. Written for each connection and never for a
-- message; our address and name, the provider's key, ids and times only (docs/security/unscoped-tables.md).
create table delivery.connection (
  id uuid primary key,
  source text not null,
  ehlo_name text not null,
  provider text not null,
  is_open boolean not null default false,
  lease_until timestamptz not null
);
create index connection_shared on delivery.connection (source, ehlo_name, provider);
grant select, insert, update, delete on delivery.connection to penguin_app;
