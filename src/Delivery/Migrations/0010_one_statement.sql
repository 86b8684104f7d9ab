-- A batch of messages is one statement again. Row by row, what every statement costs to begin and end was two thirds of what the
-- database spent on a send; a join may be planned wrongly (docs/adr/0008-send-ledger-and-lanes.md). So each row is looked up along the
-- primary key, locked, and written back as it shall be: the conflict with itself is found along the same key, whatever the planner knows.
-- The lock sees to it that there is a conflict. What is looked up may not be planned otherwise either: limit 1.

-- What a message's words may be, as domains: a check of a table is parsed anew by every statement that writes a row, a domain once for
-- each connection, and it is looked at only when its column is written.

create domain delivery.message_state as text
  constraint message_state_known check (value in ('queued', 'sending', 'sent', 'deferred', 'bounced', 'failed', 'dropped', 'in_doubt'));
create domain delivery.message_recipient_kind as text
  constraint message_recipient_kind_known check (value in ('individual', 'employee', 'company'));
create domain delivery.message_basis as text
  constraint message_basis_known check (value in ('none', 'legitimate_interest', 'published_address', 'disclosed_address', 'inquiry', 'existing_customer', 'express'));

-- The trigger names the column, so it steps aside.
drop trigger message_in_doubt on delivery.message;
alter table delivery.message
  drop constraint message_state_known,
  drop constraint message_recipient_kind_known,
  drop constraint message_basis_known,
  alter column state type delivery.message_state,
  alter column recipient_kind type delivery.message_recipient_kind,
  alter column basis type delivery.message_basis;
create trigger message_in_doubt after update of state on delivery.message
  for each row when (new.state = 'in_doubt' and old.state <> 'in_doubt') execute function delivery.note_doubt();

-- Past the gate: waiting messages whose campaign runs. Who passed is returned.
create or replace function delivery.begin_messages(p_tenant uuid, p_token uuid, p_now timestamptz, p_messages uuid[]) returns setof uuid
language plpgsql set search_path = pg_catalog as $$
begin
  return query
  insert into delivery.message as m (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, due_at, created_at,
    state, attempt, attempt_token, attempted_at, state_at)
  select p_tenant, x.id, x.workspace_id, x.campaign_id, x.step, x.contact_id, x.mailbox_id, x.content_id, x.address, x.fields, x.due_at, x.created_at,
    'sending', x.attempt + 1, p_token, p_now, p_now
  from (select distinct id from unnest(p_messages) as u (id)) w
  cross join lateral (
    select n.id, n.workspace_id, n.campaign_id, n.step, n.contact_id, n.mailbox_id, n.content_id, n.address, n.fields, n.due_at, n.created_at, n.attempt
    from delivery.message n
    where n.tenant_id = p_tenant and n.id = w.id and n.state in ('queued', 'deferred')
      and (select c.state from delivery.campaign_control c where c.tenant_id = p_tenant and c.campaign_id = n.campaign_id) = 'running'
    limit 1
    for no key update of n) x
  on conflict (tenant_id, id) do update
  set state = excluded.state, reason = '', attempt = excluded.attempt, attempt_token = excluded.attempt_token, attempted_at = excluded.attempted_at, state_at = excluded.state_at
  returning m.id;
end $$;

-- What became of them; everything but a deferral leaves the queue. What was changed is returned.
create or replace function delivery.end_messages(
  p_tenant uuid, p_mailbox uuid, p_token uuid, p_now timestamptz, p_messages uuid[], p_states text[], p_reasons text[], p_next timestamptz[],
  p_codes smallint[], p_statuses text[], p_said text[], p_classes text[], p_categories text[])
returns table (id uuid, campaign_id uuid, mailbox_id uuid, state text, detail text)
language plpgsql set search_path = pg_catalog set enable_seqscan = off as $$
#variable_conflict use_column
begin
  perform 1 from delivery.lane l where l.mailbox_id = p_mailbox for update;
  return query
  insert into delivery.message as m (tenant_id, id, workspace_id, campaign_id, step, contact_id, mailbox_id, content_id, address, fields, created_at, attempt_token,
    state, reason, state_at, sent_at, due_at, smtp_code, smtp_status, smtp_text, bounce_class, bounce_category)
  select p_tenant, x.id, x.workspace_id, x.campaign_id, x.step, x.contact_id, x.mailbox_id, x.content_id, x.address, x.fields, x.created_at, p_token,
    w.state, w.reason, p_now, case when w.state = 'sent' then p_now else x.sent_at end, coalesce(w.next_at, x.due_at),
    nullif(w.code, 0), nullif(w.status, ''), w.said, nullif(w.bounce_class, ''), nullif(w.bounce_category, '')
  from (
    select distinct on (t.id) t.id, t.state, t.reason, t.next_at, t.code, t.status, t.said, t.bounce_class, t.bounce_category
    from unnest(p_messages, p_states, p_reasons, p_next, p_codes, p_statuses, p_said, p_classes, p_categories)
      as t (id, state, reason, next_at, code, status, said, bounce_class, bounce_category)) w
  cross join lateral (
    select n.id, n.workspace_id, n.campaign_id, n.step, n.contact_id, n.mailbox_id, n.content_id, n.address, n.fields, n.created_at, n.sent_at, n.due_at
    from delivery.message n
    where n.tenant_id = p_tenant and n.id = w.id and n.state in ('sending', 'in_doubt') and n.attempt_token = p_token
    limit 1
    for no key update of n) x
  on conflict (tenant_id, id) do update
  set state = excluded.state, reason = excluded.reason, state_at = excluded.state_at, sent_at = excluded.sent_at, due_at = excluded.due_at,
    smtp_code = excluded.smtp_code, smtp_status = excluded.smtp_status, smtp_text = excluded.smtp_text, bounce_class = excluded.bounce_class, bounce_category = excluded.bounce_category
  returning m.id, m.campaign_id, m.mailbox_id, m.state::text, coalesce(nullif(m.reason, ''), m.bounce_category, '');
  -- Straight to the places that were looked up. One that was moved at this moment stays, and the lane's next look clears it away.
  delete from delivery.queue
  where ctid = any(array(
    select x.place
    from unnest(p_messages, p_next) as t (id, next_at)
    cross join lateral (select q.ctid as place from delivery.queue q where q.tenant_id = p_tenant and q.message_id = t.id limit 1 for update) x
    where t.next_at is null));
end $$;
