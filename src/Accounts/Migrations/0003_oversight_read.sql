-- What is said of the whole account has a permission of its own. Keys of the whole account keep what they could read; keys of one workspace lose it.
update accounts.api_key
set scopes = array_append(scopes, 'oversight:read')
where 'overview:read' = any(scopes) and workspace_id is null and 'oversight:read' <> all (scopes);
