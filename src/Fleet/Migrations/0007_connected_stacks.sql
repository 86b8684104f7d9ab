-- Mail servers that somebody runs already and that are reached through their API: no way in by SSH, so no key, and ready once the API has answered.
alter table fleet.server add column stack_url text;
alter table fleet.server add column stack_version text;
-- What the last run found that the server cannot do, each a sentence.
alter table fleet.server add column stack_notes text[] not null default '{}';
alter table fleet.server drop constraint server_host_known;
alter table fleet.server drop constraint server_rented_whole;
alter table fleet.server drop constraint server_own_is_not_ordered;
alter table fleet.server drop constraint server_ready_is_pinned;
alter table fleet.server drop constraint server_stack_known;
alter table fleet.server add constraint server_host_known check (host_kind in ('own', 'api', 'hetzner', 'digitalocean', 'vultr', 'hostwinds'));
alter table fleet.server add constraint server_rented_whole
  check ((host_kind in ('own', 'api')) = (wish is null) and (host_kind in ('own', 'api')) = (size is null) and (host_kind in ('own', 'api')) = (monthly_price is null));
alter table fleet.server add constraint server_own_is_not_ordered check (host_kind not in ('own', 'api') or (state <> 'ordered' and host_ref is null));
alter table fleet.server add constraint server_ready_is_pinned check (state not in ('ready', 'changed') or host_key is not null or (host_kind = 'api' and state = 'ready'));
alter table fleet.server add constraint server_stack_known check (stack_kind in ('native', 'mailu', 'stalwart'));
alter table fleet.server add constraint server_api_whole
  check (case when host_kind = 'api' then stack_url is not null and stack_kind in ('mailu', 'stalwart') and ssh_public_key = '' and host_key is null else stack_url is null and coalesce(stack_kind, 'native') = 'native' end);
-- Two servers of one workspace at the same API would undo each other's work.
create unique index server_stack_once on fleet.server (tenant_id, workspace_id, stack_url) where stack_url is not null and state <> 'destroyed';
