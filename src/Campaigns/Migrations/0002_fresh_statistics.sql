-- After an import the planner knows nothing of the new rows until autovacuum comes by, and reads all contacts for one page of them.
-- Owned by the migrating role, because only the owner of a table may analyze it.
create function campaigns.refresh_statistics() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  analyze campaigns.contact, campaigns.list_member;
end $$;
revoke all on function campaigns.refresh_statistics() from public;
grant execute on function campaigns.refresh_statistics() to penguin_app;
