-- What a screen's key press does to points, and that its result is learned: by the screen, or by SMS.

-- An effect, and in the same transaction the message that tells its result. The message belongs to the dial's session
-- and rests until `message.rest_until`: by then the screen was seen (`results_seen`), or it goes out. A result that has
-- no reply, or was answered before, makes no message.
-- Item: member_id, effect (an item), replies {result: {reply, outcome, facts, language}}, smsc, short_number, at,
-- message (as in `take_text`, and session, rest_until).
create function take_dial(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_effect constant jsonb := carried_out(p_item->'effect');
  v_reply constant jsonb := p_item->'replies'->(v_effect->>'result');
begin
  if not v_effect ? 'repeated' and jsonb_typeof(v_reply) = 'object' then
    perform put_message(
      p_item, v_reply || jsonb_build_object('facts', (v_reply->'facts') || coalesce(v_effect->'facts', '{}')));
  end if;
  return v_effect;
end $$;

-- A session was promised an SMS: the message that tells its result goes now, and where it has none, since nothing moved,
-- one with what was answered. However often it is asked for. Item: member_id, reply {reply, outcome, facts, language},
-- smsc, short_number, at, message (as in `take_text`, and session).
create function tell_result(p_item jsonb) returns jsonb
language plpgsql
as $$
begin
  update outbox o set send_lease_until = null
   where o.session = p_item->'message'->>'session' and o.state = 'queued';
  if not found and not exists (select from outbox o where o.session = p_item->'message'->>'session') then
    perform put_message(p_item, p_item->'reply');
  end if;
  return '{"result": "told"}';
end $$;

-- Somebody saw the screens of these sessions: what waited to tell the same by SMS is withdrawn.
create function results_seen(p_sessions text[]) returns table (ord integer, count bigint)
language sql
as $$
  with seen as (
    update outbox o set state = 'withdrawn', reason = 'seen on the screen', send_lease_until = null
     where o.session = any (p_sessions) and o.state = 'queued'
    returning o.session
  )
  select s.ord::integer, (select count(*) from seen where seen.session = s.session)
    from unnest(p_sessions) with ordinality as s (session, ord)
$$;

-- These sessions died: what waited goes out now.
create function results_unseen(p_sessions text[]) returns table (ord integer, count bigint)
language sql
as $$
  with due as (
    update outbox o set send_lease_until = null
     where o.session = any (p_sessions) and o.state = 'queued'
    returning o.session
  )
  select s.ord::integer, (select count(*) from due where due.session = s.session)
    from unnest(p_sessions) with ordinality as s (session, ord)
$$;
