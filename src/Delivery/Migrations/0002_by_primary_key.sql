-- The three changes of many messages that every send makes, row by row along the primary key. As one statement each they would be
-- planned from averages over all tenants: where most tenants are small, reading all of the tenant looks cheaper than the look-ups,
-- and for a tenant with a million messages it is not. They run as the caller, so row-level security holds.
-- Who changes many rows of a lane's messages or queue holds the lane's row first, so that no two of them wait for each other.

-- Past the gate: waiting messages whose campaign runs. Who passed is returned.
create function delivery.begin_messages(p_tenant uuid, p_token uuid, p_now timestamptz, p_messages uuid[]) returns setof uuid
language plpgsql set search_path = pg_catalog as $$
declare
  v_id uuid;
begin
  foreach v_id in array p_messages loop
    update delivery.message m
    set state = 'sending', reason = '', attempt = m.attempt + 1, attempt_token = p_token, attempted_at = p_now, state_at = p_now
    where m.tenant_id = p_tenant and m.id = v_id and m.state in ('queued', 'deferred')
      and (select c.state from delivery.campaign_control c where c.tenant_id = p_tenant and c.campaign_id = m.campaign_id) = 'running';
    if found then return next v_id; end if;
  end loop;
end $$;

-- What became of them; everything but a deferral leaves the queue. What was changed is returned.
create function delivery.end_messages(
  p_tenant uuid, p_mailbox uuid, p_token uuid, p_now timestamptz, p_messages uuid[], p_states text[], p_reasons text[], p_next timestamptz[],
  p_codes smallint[], p_statuses text[], p_said text[], p_classes text[], p_categories text[])
returns table (id uuid, campaign_id uuid, mailbox_id uuid, state text, detail text)
language plpgsql set search_path = pg_catalog as $$
#variable_conflict use_column
declare
  o record;
begin
  perform 1 from delivery.lane l where l.mailbox_id = p_mailbox for update;
  for o in
    select * from unnest(p_messages, p_states, p_reasons, p_next, p_codes, p_statuses, p_said, p_classes, p_categories)
      as t (id, state, reason, next_at, code, status, said, bounce_class, bounce_category)
  loop
    update delivery.message m
    set state = o.state, reason = o.reason, state_at = p_now, sent_at = case when o.state = 'sent' then p_now else m.sent_at end,
      due_at = coalesce(o.next_at, m.due_at), smtp_code = nullif(o.code, 0), smtp_status = nullif(o.status, ''), smtp_text = o.said,
      bounce_class = nullif(o.bounce_class, ''), bounce_category = nullif(o.bounce_category, '')
    where m.tenant_id = p_tenant and m.id = o.id and m.state in ('sending', 'in_doubt') and m.attempt_token = p_token
    returning m.id, m.campaign_id, m.mailbox_id, m.state, coalesce(nullif(m.reason, ''), m.bounce_category, '')
    into id, campaign_id, mailbox_id, state, detail;
    if found then return next; end if;
    if o.next_at is null then
      delete from delivery.queue q where q.tenant_id = p_tenant and q.message_id = o.id;
    end if;
  end loop;
end $$;

-- Let through and not begun: they wait again as before, and count for no cap.
create function delivery.return_messages(p_tenant uuid, p_mailbox uuid, p_token uuid, p_now timestamptz, p_messages uuid[]) returns setof uuid
language plpgsql set search_path = pg_catalog as $$
declare
  v_id uuid;
  v_attempted timestamptz;
begin
  perform 1 from delivery.lane l where l.mailbox_id = p_mailbox for update;
  foreach v_id in array p_messages loop
    update delivery.message m
    set state = case when m.attempt > 1 then 'deferred' else 'queued' end, attempt = m.attempt - 1, attempt_token = null, state_at = p_now
    where m.tenant_id = p_tenant and m.id = v_id and m.state = 'sending' and m.attempt_token = p_token
    returning m.attempted_at into v_attempted;
    if found then
      delete from delivery.attempt a where a.tenant_id = p_tenant and a.mailbox_id = p_mailbox and a.at = v_attempted and a.message_id = v_id;
      return next v_id;
    end if;
  end loop;
end $$;
grant delete on delivery.attempt to penguin_app;
revoke all on function delivery.begin_messages, delivery.end_messages, delivery.return_messages from public;
grant execute on function delivery.begin_messages, delivery.end_messages, delivery.return_messages to penguin_app;
