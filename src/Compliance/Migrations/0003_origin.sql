-- Where a suppression of the whole account came from: who is confined to a workspace sees its own. Null: by hand, or from before this was kept.
alter table compliance.suppression add column origin_workspace_id uuid;
