-- What happened to a number, as one list: texts, messages, postings, orders, codes, locks, consent, events, staff's acts.
-- No text, no code and no number is among the facts; what is said of a message is what it is made of.

-- What was said: texts that came, messages that went, screens shown unasked, and what the operator told us.
create function heard_of(p_member_id bigint) returns table (at timestamptz, what text, id text, facts jsonb)
language sql stable
as $$
  select i.at, 'text', i.inbox_id::text, jsonb_build_object(
           'to', i.short_number, 'smsc', i.smsc, 'taken_for', i.said, 'message_id', i.message_id, 'acknowledged', i.answer)
    from inbox i where i.member_id = p_member_id
  union all
  select o.at, 'message', o.message_id::text, jsonb_build_object(
           'message_id', o.message_id, 'from', o.short_number, 'smsc', o.smsc, 'kind', o.kind,
           'says', o.reply || ':' || o.outcome, 'state', o.state, 'reason', o.reason, 'tries', o.tries,
           'doubts', o.doubts, 'parts', (
             select coalesce(jsonb_agg(
                      jsonb_build_object('part', p.part, 'state', p.state, 'error', p.error) order by p.part), '[]')
               from outbox_part p where p.message_id = o.message_id))
    from outbox o where o.member_id = p_member_id
  union all
  select e.at, 'event', md5(e.source || ' ' || e.event_id), jsonb_build_object(
           'source', e.source, 'event_id', e.event_id, 'type', e.type, 'amount', e.amount,
           'occurred_at', e.occurred_at, 'earned', coalesce(e.outcome->'earned', '[]'))
         || jsonb_strip_nulls(jsonb_build_object('partner', e.outcome->'partner'))
    from source_event e where e.member_id = p_member_id
  union all
  select c.at, 'consent', c.consent_id::text, jsonb_build_object(
           'purpose', c.purpose, 'given', c.given, 'channel', c.channel, 'wording', c.wording)
    from consent c where c.member_id = p_member_id
  union all
  select u.at, 'push', u.push_id::text, jsonb_build_object(
           'push', u.push, 'kind', u.kind, 'smsc', u.smsc, 'state', u.state, 'reason', u.reason,
           'settled_at', u.settled_at)
    from ussd_push u where u.member_id = p_member_id
$$;

-- What moved: postings, holds, orders.
create function booked_of(p_member_id bigint) returns table (at timestamptz, what text, id text, facts jsonb)
language sql stable
as $$
  select t.at, 'posting', t.transfer_id::text, jsonb_strip_nulls(jsonb_build_object(
           'transfer_id', t.transfer_id, 'kind', t.kind, 'unit', t.unit, 'amount', t.amount, 'reason', t.reason,
           'channel', t.channel, 'of_transfer_id', t.of_transfer_id, 'hold_id', t.hold_id,
           'shortfall', nullif(t.shortfall, 0)))
    from transfer t where t.member_id = p_member_id
  union all
  select h.at, 'hold', h.hold_id::text, jsonb_build_object(
           'hold_id', h.hold_id, 'unit', h.unit, 'amount', h.amount, 'reason', h.reason, 'channel', h.channel,
           'state', h.state, 'captured', h.captured, 'settled_at', h.settled_at, 'expires_at', h.expires_at)
    from hold h where h.member_id = p_member_id
  union all
  select o.at, 'order', o.order_id::text, jsonb_build_object(
           'order_id', o.order_id, 'reward', o.reward, 'fulfilment', o.fulfilment, 'price', o.price, 'unit', o.unit,
           'channel', o.channel, 'state', o.state, 'tries', o.tries, 'due_at', o.due_at)
    from reward_order o where o.member_id = p_member_id
  union all
  select o.settled_at, 'order_settled', o.order_id::text, jsonb_build_object(
           'order_id', o.order_id, 'reward', o.reward, 'state', o.state, 'reason', o.reason)
    from reward_order o where o.member_id = p_member_id and o.settled_at is not null
$$;

-- What was tried and what staff did: code attempts, locks, acts. An attempt's line of the audit log says the same again.
create function done_about(p_member_id bigint) returns table (at timestamptz, what text, id text, facts jsonb)
language sql stable
as $$
  select m.enrolled_at, 'enrolled', '0', jsonb_build_object('terms', m.terms_version, 'status_now', m.status)
    from member m where m.member_id = p_member_id
  union all
  select c.at, 'code_attempt', c.attempt_id::text, jsonb_build_object('cause', c.cause, 'channel', c.channel)
    from code_attempt c where c.member_id = p_member_id
  union all
  select a.at, case a.action when 'lock_redeeming' then 'lock' else 'act' end, a.audit_id::text, jsonb_build_object(
           'actor', a.actor, 'action', a.action, 'subject', case when a.subject like 'order:%' then a.subject end,
           'facts', a.facts)
    from audit_log a
   where a.action <> 'refuse_code'
     and a.subject = any (array['member:' || p_member_id] || array(
           select 'order:' || o.order_id from reward_order o where o.member_id = p_member_id))
$$;

-- Everything of a member in a stretch of time, newest first, after a place in it. Each line is at a place of its own:
-- its time, what it is, its id.
create function timeline(
  p_member_id bigint, p_from timestamptz, p_to timestamptz, p_at timestamptz, p_what text, p_id text, p_count integer
) returns table (at timestamptz, what text, id text, facts jsonb)
language sql stable
as $$
  select t.at, t.what, t.id, t.facts
    from (
      select h.at, h.what, h.id, h.facts from heard_of(p_member_id) as h
      union all
      select b.at, b.what, b.id, b.facts from booked_of(p_member_id) as b
      union all
      select d.at, d.what, d.id, d.facts from done_about(p_member_id) as d
    ) as t
   where t.at >= p_from and t.at < p_to and (t.at, t.what, t.id) < (p_at, p_what, p_id)
   order by t.at desc, t.what desc, t.id desc
   limit p_count
$$;
