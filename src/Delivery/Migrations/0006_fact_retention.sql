-- Drops the days of facts before the given one, whole: nothing is deleted row by row. Owned by the migrating role, because the program's role owns nothing.
-- Who writes facts is not kept waiting: after 5 seconds it gives up, and the job tries again.
-- Never a day of the last 32, whatever is asked: who counts facts may be that late.
create function delivery.drop_fact_days(first_kept date, today date) returns integer
language plpgsql security definer set search_path = pg_catalog set lock_timeout = '5s' as $$
declare
  dropped integer := 0;
  partition record;
begin
  for partition in
    select c.relname
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'delivery.fact'::regclass and c.relname ~ '^fact_[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < least(first_kept, today - 32)
  loop
    execute format('drop table delivery.%I', partition.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
revoke all on function delivery.drop_fact_days(date, date) from public;
grant execute on function delivery.drop_fact_days(date, date) to penguin_app;
