-- Those from before the origin was kept, whose message tells it: a job asks for them. Whatever is suppressed since then has its origin, so the index holds nothing else.
create index suppression_origin_unknown on compliance.suppression (tenant_id, id) where workspace_id is null and origin_workspace_id is null and message_id is not null;
