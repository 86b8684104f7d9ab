-- What customers paid, as somebody loaded it. A customer is a workspace; a line may name the domain of it that earned the money.
-- Lines of a month and a source are replaced as a whole, so that loading twice doubles nothing.
create table oversight.revenue_line (
  tenant_id uuid not null,
  -- First day.
  month date not null,
  -- Where the lines come from, such as invoices.
  source text not null,
  -- Of the file.
  line integer not null,
  workspace_id uuid not null,
  domain_id uuid,
  -- Minor units; negative for a credit.
  amount bigint not null,
  currency text not null,
  note text not null,
  loaded_by text not null,
  loaded_at timestamptz not null,
  primary key (tenant_id, month, source, line),
  constraint revenue_line_month_first_day check (month = date_trunc('month', month)::date),
  constraint revenue_line_source_named check (source <> '')
);
alter table oversight.revenue_line enable row level security;
alter table oversight.revenue_line force row level security;
create policy tenant on oversight.revenue_line
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, delete on oversight.revenue_line to penguin_app;
