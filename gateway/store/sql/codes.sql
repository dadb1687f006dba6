-- Redeeming gift codes: one text for whatever could help to guess them, and a lock for who guesses. The member's row is
-- locked by the caller; a code's row is locked after it, and before a stock.

-- Redeem what was typed. Locked reads alike for right and wrong codes; so does refused, whatever is wrong, and counts.
-- What is not the member's fault does not: a switch, the breaker, a reward that is sold out. Such a code stays as it was.
-- Item: member_id, key, request_digest (hex), bound_digests and bearer_digests (hex; the latter empty for codes of six
-- digits), malformed, number_range, channel, limits (as in `loyalty.writes.CodeLimits`), expires {unit: when its lot
-- would end, or null}, order (what `place_order` needs to tell of it), zone, pack_version_id, at, grace_s.
create function redeem_code(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_outcome jsonb := answered_before(p_item);
  v_place record;
  v_code record;
  v_cause text;
begin
  if v_outcome is not null then
    return v_outcome;
  elsif (select m.status from member m where m.member_id = v_member_id) <> 'active' then
    return answered(p_item, 'blocked', '{}');
  end if;
  v_outcome := redeeming_locked(p_item);
  if v_outcome is not null then
    return answered(p_item, 'locked', v_outcome);
  elsif thrown(array['action:redeem']) then
    return answered(p_item, 'closed', '{}');
  elsif (p_item->>'malformed')::boolean then
    return code_refused(p_item, 'malformed', null, null);
  end if;

  select c.batch_id, c.ordinal into v_place
    from gift_code c where c.member_id = v_member_id and c.digest = any (digests_of(p_item->'bound_digests'));
  if not found and jsonb_array_length(p_item->'bearer_digests') > 0 then
    if breaker_open(p_item) then
      return answered(p_item, 'paused', '{}');
    end if;
    select c.batch_id, c.ordinal into v_place
      from gift_code c where c.member_id is null and c.digest = any (digests_of(p_item->'bearer_digests'));
  end if;
  select c.state, c.redeemed_by, b.state as batch_state, b.campaign, b.grants, b.valid_from, b.valid_until into v_code
    from gift_code c join code_batch b on b.batch_id = c.batch_id
   where c.batch_id = v_place.batch_id and c.ordinal = v_place.ordinal
     for no key update of c;

  v_cause := case
    when v_code.state is null then 'unknown'
    when v_code.redeemed_by = v_member_id then 'already_yours'
    when v_code.state <> 'active' then v_code.state
    when v_code.batch_state <> 'active' then 'batch_' || v_code.batch_state
    when v_at < v_code.valid_from then 'early'
    when v_at >= v_code.valid_until then 'expired'
    when thrown(array['campaign:' || v_code.campaign]) then 'campaign_closed'
  end;
  if v_cause = 'already_yours' then
    return answered(p_item, v_cause, '{}');
  elsif v_cause is not null then
    return code_refused(p_item, v_cause, v_place.batch_id, v_place.ordinal);
  elsif v_code.grants ? 'reward' then
    return code_gives_reward(p_item, v_place.batch_id, v_place.ordinal, v_code.grants);
  end if;
  return code_gives_points(p_item, v_place.batch_id, v_place.ordinal, v_code.grants);
end $$;

-- A moment as the day that it is for the programme.
create function day_of(p_item jsonb, p_moment timestamptz) returns text language sql stable
as $$ select to_char(p_moment at time zone coalesce(p_item->>'zone', 'UTC'), 'YYYY-MM-DD') $$;

-- What a locked member is told, or null. `until` is the day on which the lock ends; null where only care unlocks.
create function redeeming_locked(p_item jsonb) returns jsonb
language sql stable
as $$
  select jsonb_build_object('facts', jsonb_build_object('until', day_of(p_item, l.locked_until)))
    from code_lock l
   where l.member_id = (p_item->>'member_id')::bigint and l.locked_at is not null
     and (l.locked_until is null or l.locked_until > (p_item->>'at')::timestamptz)
$$;

-- Whether so many wrong tries of bearer codes came from this range of numbers over this channel that there it must rest.
-- They are counted where they lie: a counter would be one row for everybody.
create function breaker_open(p_item jsonb) returns boolean
language sql stable
as $$
  select count(*) >= (p_item->'limits'->>'breaker_max')::bigint
    from (
      select from code_attempt a
       where a.channel = p_item->>'channel' and a.number_range = p_item->>'number_range'
         and a.at > (p_item->>'at')::timestamptz
                    - make_interval(secs => (p_item->'limits'->>'breaker_window_s')::integer)
       limit (p_item->'limits'->>'breaker_max')::bigint
    ) as wrong
$$;

-- A try that failed, and the lock that it may bring: its answer is already the lock's. Why, is for the audit log only;
-- a slip of the finger that the check digit found is no try, but many a day are.
create function code_refused(p_item jsonb, p_cause text, p_batch_id integer, p_ordinal integer) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_limits constant jsonb := p_item->'limits';
  v_kind constant text := case p_cause when 'malformed' then 'malformed' else 'wrong' end;
  v_for_breaker constant boolean := v_kind = 'wrong' and jsonb_array_length(p_item->'bearer_digests') > 0;
  v_counted_to bigint;
  v_tries bigint;
begin
  insert into code_attempt (member_id, at, cause, channel, number_range)
  values (v_member_id, v_at, p_cause, p_item->>'channel', case when v_for_breaker then p_item->>'number_range' end);
  if v_kind = 'wrong' then
    perform audit(v_at, 'subscriber', 'refuse_code', 'member:' || v_member_id, jsonb_strip_nulls(jsonb_build_object(
      'cause', p_cause, 'channel', p_item->>'channel', 'batch', p_batch_id, 'ordinal', p_ordinal)));
  end if;
  select l.counted_to into v_counted_to from code_lock l where l.member_id = v_member_id;
  select count(*) into v_tries
    from code_attempt a
   where a.member_id = v_member_id and a.attempt_id > coalesce(v_counted_to, 0)
     and (a.cause = 'malformed') = (v_kind = 'malformed')
     and a.at > v_at - make_interval(secs => (v_limits->>(v_kind || '_window_s'))::integer);
  if v_tries < (v_limits->>(v_kind || '_max'))::bigint then
    return answered(p_item, 'refused', '{}');
  end if;
  perform redeeming_stopped(v_member_id, v_at, v_limits->'locks_s', v_kind);
  return answered(p_item, 'locked', redeeming_locked(p_item));
end $$;

-- Lock redeeming: each time for longer, and in the end until care unlocks it.
create function redeeming_stopped(p_member_id bigint, p_at timestamptz, p_locks_s jsonb, p_kind text) returns void
language plpgsql
as $$
declare
  v_strikes constant integer := 1 + coalesce((select l.strikes from code_lock l where l.member_id = p_member_id), 0);
  v_until constant timestamptz := p_at + make_interval(secs => (p_locks_s->>(v_strikes - 1))::integer);
  v_counted_to constant bigint := (select max(a.attempt_id) from code_attempt a where a.member_id = p_member_id);
begin
  insert into code_lock (member_id, strikes, locked_at, locked_until, counted_to)
  values (p_member_id, v_strikes, p_at, v_until, v_counted_to)
  on conflict (member_id) do update
    set strikes = v_strikes, locked_at = p_at, locked_until = v_until, counted_to = v_counted_to;
  perform audit(p_at, 'subscriber', 'lock_redeeming', 'member:' || p_member_id,
                jsonb_build_object('tries', p_kind, 'strikes', v_strikes, 'until', v_until));
end $$;

-- The code is used up, by a transfer or an order.
create function code_used(p_item jsonb, p_batch_id integer, p_ordinal integer, p_transfer_id bigint, p_order_id bigint)
returns void
language sql
as $$
  update gift_code c
     set state = 'redeemed', redeemed_by = (p_item->>'member_id')::bigint,
         redeemed_at = (p_item->>'at')::timestamptz, transfer_id = p_transfer_id, order_id = p_order_id
   where c.batch_id = p_batch_id and c.ordinal = p_ordinal
$$;

-- What a code's own posting or order has of the item that redeems it.
create function grant_item(p_item jsonb) returns jsonb
language sql immutable
as $$
  select jsonb_build_object(
    'member_id', p_item->'member_id', 'key', (p_item->>'key') || ':grant', 'request_digest', p_item->'request_digest',
    'channel', p_item->'channel', 'pack_version_id', p_item->'pack_version_id', 'at', p_item->'at',
    'grace_s', p_item->'grace_s')
$$;

-- A unit that the programme does not have any more is not given: nobody could say when it ends.
create function code_gives_points(p_item jsonb, p_batch_id integer, p_ordinal integer, p_grants jsonb) returns jsonb
language plpgsql
as $$
declare
  v_unit constant text := p_grants->>'unit';
  v_posted jsonb;
begin
  if not p_item->'expires' ? v_unit then
    return answered(p_item, 'closed', '{}');
  end if;
  v_posted := post(grant_item(p_item) || jsonb_build_object(
    'unit', v_unit, 'amount', p_grants->'amount', 'expires_at', p_item->'expires'->v_unit, 'reason', 'gift_code'));
  perform code_used(p_item, p_batch_id, p_ordinal, (v_posted->>'transfer_id')::bigint, null);
  return answered(p_item, 'redeemed', jsonb_build_object('facts', jsonb_build_object(
    'unit', v_unit, 'amount', p_grants->'amount',
    'balance', available((p_item->>'member_id')::bigint, v_unit, (p_item->>'at')::timestamptz))));
end $$;

-- A reward that cannot be had at the moment burns no code: it may be had later.
create function code_gives_reward(p_item jsonb, p_batch_id integer, p_ordinal integer, p_grants jsonb) returns jsonb
language plpgsql
as $$
declare
  v_due_at constant timestamptz :=
    (p_item->>'at')::timestamptz + make_interval(secs => (p_grants->>'due_s')::integer);
  v_reward constant jsonb := jsonb_build_object('reward', p_grants->'reward');
  v_told constant jsonb := v_reward || jsonb_build_object('until', day_of(p_item, v_due_at));
  v_ordered jsonb;
begin
  v_ordered := place_order(
    grant_item(p_item) || p_grants || (p_item->'order') || jsonb_build_object(
      'price', 0, 'quote_key', null, 'limit_count', null, 'limit_since', null, 'due_at', v_due_at,
      'reason', p_grants->'reward', 'told', (
        select coalesce(jsonb_object_agg(
                 t.key, t.value || jsonb_build_object('facts', (t.value->'facts') || v_told)), '{}')
          from jsonb_each(p_item->'order'->'told') as t)));
  if v_ordered->>'result' not in ('ordered', 'delivered', 'ready') then
    return answered(p_item, case v_ordered->>'result' when 'sold_out' then 'sold_out' else 'closed' end, '{}');
  end if;
  perform code_used(p_item, p_batch_id, p_ordinal, null, (v_ordered->>'order_id')::bigint);
  return answered(p_item, v_ordered->>'result', jsonb_build_object(
    'order_id', v_ordered->'order_id', 'facts', v_reward || jsonb_build_object('order', v_ordered->'order_id')));
end $$;
