-- What was answered before its outcome is written is sent, also where the server's word was not seen.
create or replace function delivery.end_messages(
  p_tenant uuid, p_mailbox uuid, p_token uuid, p_now timestamptz, p_messages uuid[], p_states text[], p_reasons text[], p_next timestamptz[],
  p_codes smallint[], p_statuses text[], p_said text[], p_classes text[], p_categories text[])
returns table (id uuid, campaign_id uuid, mailbox_id uuid, state text, detail text)
language plpgsql set search_path = pg_catalog set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set cpu_index_tuple_cost = 1000000 set jit = off as $$
#variable_conflict use_column
declare
  v_written integer;
  v_one integer;
begin
  perform 1 from delivery.lane l where l.mailbox_id = p_mailbox for update;
  return query
  update delivery.message m
  set state = w.state, reason = w.reason, state_at = p_now, sent_at = case when w.state = 'sent' then p_now else m.sent_at end, due_at = coalesce(w.next_at, m.due_at),
    smtp_code = nullif(w.code, 0), smtp_status = nullif(w.status, ''), smtp_text = w.said, bounce_class = nullif(w.bounce_class, ''), bounce_category = nullif(w.bounce_category, '')
  from unnest(p_messages, p_states, p_reasons, p_next, p_codes, p_statuses, p_said, p_classes, p_categories)
    as w (id, state, reason, next_at, code, status, said, bounce_class, bounce_category)
  cross join lateral (select n.ctid as place from delivery.message n where n.tenant_id = p_tenant and n.id = w.id limit 1) x
  where m.ctid = x.place and m.state in ('sending', 'in_doubt') and m.attempt_token = p_token
    and (w.state <> 'in_doubt' or coalesce(m.replied_at, m.auto_replied_at, m.complained_at) is null) -- Else below.
  returning m.id, m.campaign_id, m.mailbox_id, m.state::text, coalesce(nullif(m.reason, ''), m.bounce_category, '');
  get diagnostics v_written = row_count;
  -- One that somebody changed at this moment (its reply came in) has another place now. What the server said may not be lost: each by itself, wherever it lies.
  -- And where the server's word was not seen: who answered or complained got it.
  if v_written < cardinality(p_messages) then
    for v_one in 1 .. cardinality(p_messages) loop
      return query
      update delivery.message m
      set (state, reason, sent_at) = (
          select case when seen then 'sent' else p_states[v_one] end, case when seen then 'answered' else p_reasons[v_one] end,
            case when seen then m.attempted_at when p_states[v_one] = 'sent' then p_now else m.sent_at end
          from (select p_states[v_one] = 'in_doubt' and coalesce(m.replied_at, m.auto_replied_at, m.complained_at) is not null as seen) s),
        state_at = p_now, due_at = coalesce(p_next[v_one], m.due_at), smtp_code = nullif(p_codes[v_one], 0), smtp_status = nullif(p_statuses[v_one], ''), smtp_text = p_said[v_one],
        bounce_class = nullif(p_classes[v_one], ''), bounce_category = nullif(p_categories[v_one], '')
      where m.tenant_id = p_tenant and m.id = p_messages[v_one] and m.state in ('sending', 'in_doubt') and m.attempt_token = p_token
        and (m.state, m.state_at) is distinct from (p_states[v_one], p_now) -- Written above.
      returning m.id, m.campaign_id, m.mailbox_id, m.state::text, coalesce(nullif(m.reason, ''), m.bounce_category, '');
    end loop;
  end if;
  delete from delivery.queue q
  using unnest(p_messages, p_next) as t (id, next_at)
  cross join lateral (select n.ctid as place from delivery.queue n where n.tenant_id = p_tenant and n.message_id = t.id limit 1) x
  where t.next_at is null and q.ctid = x.place;
end $$;
