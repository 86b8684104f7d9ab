-- Whose mailbox is looked into, so that a workspace's list is read by itself. The job that finds mailboxes fills it in within a minute.
alter table delivery.collection add column workspace_id uuid;
-- In the order of the list: those in trouble, those a person stopped, the others.
create index collection_shown on delivery.collection (tenant_id, workspace_id, (case when is_paused then 1 when trouble <> '' then 0 else 2 end), mailbox_id);
drop index delivery.collection_tenant;
