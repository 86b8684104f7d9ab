-- What was known before may be forgotten after a time; the job that does it finds the oldest first.
grant delete on oversight.kpi_value_before, oversight.kpi_verdict_before to penguin_app;
create index kpi_value_before_by_age on oversight.kpi_value_before (tenant_id, replaced_at);
create index kpi_verdict_before_by_age on oversight.kpi_verdict_before (tenant_id, replaced_at);
