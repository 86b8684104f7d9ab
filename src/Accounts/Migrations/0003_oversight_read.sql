-- What is said of the whole account has a permission of its own. Keys of the whole account keep what they could read; keys of one workspace lose it.
-- The rows are of every tenant, so the policy steps aside for their owner within this transaction.
alter table accounts.api_key no force row level security;
update accounts.api_key
set scopes = array_append(scopes, 'oversight:read')
where 'overview:read' = any(scopes) and workspace_id is null and 'oversight:read' <> all (scopes);
alter table accounts.api_key force row level security;
