-- Spending and its corrections. Each primitive looks at everything first and writes afterwards, so that a refusal is an
-- answer like any other, kept under its key. The member's row is locked by the caller.

-- End an open hold, of which `p_captured` was spent: give back the rest. `p_at` is when it ended, by which lots are over
-- or not.
create function hold_ended(p_item jsonb, p_hold_id bigint, p_state text, p_captured bigint, p_at timestamptz) returns void
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_lot record;
begin
  for v_lot in
    select h.lot_id, h.amount - h.captured as amount
      from hold_lot h where h.member_id = v_member_id and h.hold_id = p_hold_id and h.amount > h.captured
     order by h.lot_id
  loop
    perform lot_returned(p_item, v_lot.lot_id, p_at);
    update lot set held = held - v_lot.amount where member_id = v_member_id and lot_id = v_lot.lot_id;
  end loop;
  update hold h set state = p_state, settled_at = p_at, captured = p_captured
   where h.member_id = v_member_id and h.hold_id = p_hold_id;
  update account a set held = a.held - (h.amount - p_captured)
    from hold h
   where h.member_id = v_member_id and h.hold_id = p_hold_id and a.member_id = v_member_id and a.unit = h.unit;
  perform debt_repaid(p_item, h.unit) from hold h where h.member_id = v_member_id and h.hold_id = p_hold_id;
end $$;

-- Holds of a member whose time is out end at that time, whoever comes by first: the sweep, or the next movement.
create function holds_timed_out(p_item jsonb) returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_hold record;
  v_count bigint := 0;
begin
  for v_hold in
    select h.hold_id, h.expires_at
      from hold h
     where h.member_id = v_member_id and h.state = 'open' and h.expires_at <= (p_item->>'at')::timestamptz
     order by h.expires_at, h.hold_id
  loop
    perform hold_ended(p_item, v_hold.hold_id, 'timed_out', 0, v_hold.expires_at);
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;

-- Keep an amount in its lots; the hold's id, or null where there is not enough.
create function hold_made(p_item jsonb, p_unit text, p_amount bigint, p_expires_at timestamptz) returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_lot_ids bigint[];
  v_amounts bigint[];
  v_hold_id bigint;
begin
  select array_agg(f.lot_id), array_agg(f.amount) into v_lot_ids, v_amounts
    from lots_for(v_member_id, p_unit, p_amount, v_at, null) as f
  having sum(f.amount) = p_amount;
  if v_lot_ids is null then
    return null;
  end if;
  insert into hold (member_id, unit, amount, state, reason, channel, key, at, expires_at)
  values (v_member_id, p_unit, p_amount, 'open', p_item->>'reason', p_item->>'channel', p_item->>'key', v_at, p_expires_at)
  returning hold.hold_id into v_hold_id;
  insert into hold_lot (member_id, hold_id, lot_id, amount)
  select v_member_id, v_hold_id, u.lot_id, u.amount from unnest(v_lot_ids, v_amounts) as u (lot_id, amount);
  update lot l set held = l.held + u.amount
    from unnest(v_lot_ids, v_amounts) as u (lot_id, amount) where l.member_id = v_member_id and l.lot_id = u.lot_id;
  update account a set held = a.held + p_amount where a.member_id = v_member_id and a.unit = p_unit;
  return v_hold_id;
end $$;

-- Spend so much of an open hold, in spending order, and give the rest back; the transfer's id.
create function hold_captured(p_item jsonb, p_hold_id bigint, p_amount bigint) returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_unit text;
  v_reason text;
  v_lot_ids bigint[];
  v_amounts bigint[];
  v_transfer_id bigint;
begin
  select h.unit, h.reason into v_unit, v_reason from hold h where h.member_id = v_member_id and h.hold_id = p_hold_id;
  select array_agg(f.lot_id), array_agg(least(f.amount, p_amount - (f.reached - f.amount))) into v_lot_ids, v_amounts
    from (
      select h.lot_id, h.amount,
             (sum(h.amount) over (order by l.priority, l.ends_at nulls last, l.earned_at, l.lot_id))::bigint as reached
        from hold_lot h join lot l on l.member_id = h.member_id and l.lot_id = h.lot_id
       where h.member_id = v_member_id and h.hold_id = p_hold_id
    ) as f
   where f.reached - f.amount < p_amount;
  -- First: an account never holds more than it has.
  update account a set held = a.held - p_amount where a.member_id = v_member_id and a.unit = v_unit;
  v_transfer_id := booked(
    p_item, 'spend', v_unit, -p_amount, 'redemption', jsonb_build_object('hold_id', p_hold_id, 'reason', v_reason));
  update hold_lot h set captured = u.amount
    from unnest(v_lot_ids, v_amounts) as u (lot_id, amount)
   where h.member_id = v_member_id and h.hold_id = p_hold_id and h.lot_id = u.lot_id;
  update lot l set held = l.held - u.amount, remaining = l.remaining - u.amount
    from unnest(v_lot_ids, v_amounts) as u (lot_id, amount) where l.member_id = v_member_id and l.lot_id = u.lot_id;
  insert into lot_use (member_id, transfer_id, lot_id, amount)
  select v_member_id, v_transfer_id, u.lot_id, u.amount from unnest(v_lot_ids, v_amounts) as u (lot_id, amount);
  perform hold_ended(p_item, p_hold_id, 'captured', p_amount, (p_item->>'at')::timestamptz);
  return v_transfer_id;
end $$;

-- A hold fails when it is placed, not when it is captured. Item: member_id, key, request_digest (hex), unit, amount,
-- expires_at (null: none), reason, channel, pack_version_id, at, grace_s.
create function place_hold(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb := answered_before(p_item);
  v_hold_id bigint;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  perform holds_timed_out(p_item);
  v_hold_id := hold_made(
    p_item, p_item->>'unit', (p_item->>'amount')::bigint, (p_item->>'expires_at')::timestamptz);
  if v_hold_id is null then
    return answered(p_item, 'insufficient', '{}');
  end if;
  return answered(p_item, 'held', jsonb_build_object('hold_id', v_hold_id));
end $$;

-- The state of a member's hold, after those whose time is out have ended; null when there is none.
create function hold_state(p_item jsonb) returns text
language plpgsql
as $$
begin
  perform holds_timed_out(p_item);
  return (select h.state from hold h
           where h.member_id = (p_item->>'member_id')::bigint and h.hold_id = (p_item->>'hold_id')::bigint);
end $$;

-- Spend what is held, or a part of it; the rest returns to its own lots. Once.
-- Item: member_id, key, request_digest (hex), hold_id, amount (null: all), channel, pack_version_id, at, grace_s.
create function capture_hold(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_hold_id constant bigint := (p_item->>'hold_id')::bigint;
  v_outcome jsonb := answered_before(p_item);
  v_state text;
  v_held bigint;
  v_amount bigint;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  v_state := hold_state(p_item);
  if v_state is null then
    return answered(p_item, 'no_hold', '{}');
  elsif v_state <> 'open' then
    return answered(p_item, 'settled', jsonb_build_object('state', v_state));
  end if;
  select h.amount into v_held
    from hold h where h.member_id = (p_item->>'member_id')::bigint and h.hold_id = v_hold_id;
  v_amount := coalesce((p_item->>'amount')::bigint, v_held);
  if v_amount not between 1 and v_held then
    return answered(p_item, 'too_much', '{}');
  end if;
  return answered(
    p_item, 'captured', jsonb_build_object('transfer_id', hold_captured(p_item, v_hold_id, v_amount), 'amount', v_amount));
end $$;

-- Give back what is held. Once. Item: member_id, key, request_digest (hex), hold_id, channel, pack_version_id, at, grace_s.
create function release_hold(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb := answered_before(p_item);
  v_state text;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  v_state := hold_state(p_item);
  if v_state is null then
    return answered(p_item, 'no_hold', '{}');
  elsif v_state <> 'open' then
    return answered(p_item, 'settled', jsonb_build_object('state', v_state));
  end if;
  perform hold_ended(p_item, (p_item->>'hold_id')::bigint, 'released', 0, (p_item->>'at')::timestamptz);
  return answered(p_item, 'released', '{}');
end $$;

-- Take an amount from what can be spent; the transfer's id, or null where there is not enough.
create function taken(p_item jsonb, p_kind text, p_unit text, p_amount bigint, p_account text) returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_lot_ids bigint[];
  v_amounts bigint[];
  v_transfer_id bigint;
begin
  select array_agg(f.lot_id), array_agg(f.amount) into v_lot_ids, v_amounts
    from lots_for(v_member_id, p_unit, p_amount, (p_item->>'at')::timestamptz, null) as f
  having sum(f.amount) = p_amount;
  if v_lot_ids is null then
    return null;
  end if;
  v_transfer_id := booked(p_item, p_kind, p_unit, -p_amount, p_account, '{}');
  perform lots_used(v_member_id, v_transfer_id, v_lot_ids, v_amounts);
  return v_transfer_id;
end $$;

-- Spend at once. Item: member_id, key, request_digest (hex), unit, amount, reason, channel, pack_version_id, at, grace_s.
create function spend(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_amount constant bigint := (p_item->>'amount')::bigint;
  v_outcome jsonb := answered_before(p_item);
  v_transfer_id bigint;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  perform holds_timed_out(p_item);
  v_transfer_id := taken(p_item, 'spend', p_item->>'unit', v_amount, 'redemption');
  if v_transfer_id is null then
    return answered(p_item, 'insufficient', '{}');
  end if;
  return answered(p_item, 'spent', jsonb_build_object('transfer_id', v_transfer_id, 'amount', v_amount));
end $$;

-- A correction by staff. What is given is a lot; what is taken is taken as a spend is.
-- Item: member_id, key, request_digest (hex), unit, amount (signed), expires_at, reason, channel, pack_version_id, at,
-- grace_s.
create function adjust(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_unit constant text := p_item->>'unit';
  v_amount constant bigint := (p_item->>'amount')::bigint;
  v_outcome jsonb := answered_before(p_item);
  v_transfer_id bigint;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  perform holds_timed_out(p_item);
  if v_amount > 0 then
    v_transfer_id := booked(p_item, 'adjustment', v_unit, v_amount, 'adjustment', p_item);
    perform lot_made((p_item->>'member_id')::bigint, v_transfer_id, v_unit, v_amount, (p_item->>'at')::timestamptz,
                     (p_item->>'expires_at')::timestamptz, null);
    perform debt_repaid(p_item, v_unit);
  else
    v_transfer_id := taken(p_item, 'adjustment', v_unit, -v_amount, 'adjustment');
  end if;
  if v_transfer_id is null then
    return answered(p_item, 'insufficient', '{}');
  end if;
  return answered(p_item, 'adjusted', jsonb_build_object('transfer_id', v_transfer_id, 'amount', v_amount));
end $$;

-- Give back what a spend took, all that is left of it or a part, into its own lots, what would expire last first: so a
-- part that is given back serves longest. A lot that is over: `into_expired` says `original`, `grace` or `fresh`.
-- Item: member_id, key, request_digest (hex), transfer_id, amount (null: all), into_expired, fresh_until, reason, channel,
-- pack_version_id, at, grace_s.
create function refund(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_spend_id constant bigint := (p_item->>'transfer_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_policy constant text := p_item->>'into_expired';
  v_outcome jsonb := answered_before(p_item);
  v_spend record;
  v_left bigint;
  v_amount bigint;
  v_fresh bigint := 0;
  v_refund_id bigint;
  v_use record;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  select t.unit, t.kind into v_spend
    from transfer t where t.member_id = v_member_id and t.transfer_id = v_spend_id and t.kind = 'spend';
  if not found then
    return answered(p_item, 'no_transfer', '{}');
  end if;
  select sum(u.amount - u.restored) into v_left
    from lot_use u where u.member_id = v_member_id and u.transfer_id = v_spend_id;
  v_amount := coalesce((p_item->>'amount')::bigint, v_left);
  if v_amount not between 1 and v_left then
    return answered(p_item, 'too_much', '{}');
  end if;
  perform holds_timed_out(p_item);

  v_refund_id := booked(p_item, 'refund', v_spend.unit, v_amount, 'redemption',
                        jsonb_build_object('of_transfer_id', v_spend_id, 'expires_at', p_item->>'fresh_until'));
  for v_use in
    select f.lot_id, f.ends_at, least(f.free, v_amount - (f.reached - f.free)) as amount
      from (
        select u.lot_id, l.ends_at, u.amount - u.restored as free,
               (sum(u.amount - u.restored) over (
                 order by l.priority desc, l.ends_at desc nulls first, l.earned_at desc, l.lot_id desc))::bigint as reached
          from lot_use u join lot l on l.member_id = u.member_id and l.lot_id = u.lot_id
         where u.member_id = v_member_id and u.transfer_id = v_spend_id and u.amount > u.restored
      ) as f
     where f.reached - f.free < v_amount
  loop
    update lot_use u set restored = u.restored + v_use.amount
     where u.member_id = v_member_id and u.transfer_id = v_spend_id and u.lot_id = v_use.lot_id;
    if v_use.ends_at <= v_at and v_policy = 'fresh' then
      v_fresh := v_fresh + v_use.amount;
    else
      if v_policy = 'grace' then
        perform lot_returned(p_item, v_use.lot_id, v_at);
      end if;
      perform lots_used(v_member_id, v_refund_id, array[v_use.lot_id], array[-v_use.amount]);
    end if;
  end loop;
  if v_fresh > 0 then
    perform lot_made(
      v_member_id, v_refund_id, v_spend.unit, v_fresh, v_at, (p_item->>'fresh_until')::timestamptz, null);
  end if;
  v_outcome := answered(p_item, 'refunded', jsonb_build_object('transfer_id', v_refund_id, 'amount', v_amount));
  perform debt_repaid(p_item, v_spend.unit);
  return v_outcome;
end $$;

-- Take an accrual back, all that is left of it or a part, to the account that it came from: from its own lot first, then
-- as a spend would. What had expired of it is gone already, and is not asked for again. `claw_back` says how far: `only_pending`,
-- `within_balance` (the shortfall is recorded), `unlimited` (the shortfall becomes a debt).
-- Item: member_id, key, request_digest (hex), transfer_id, amount (null: all), claw_back, reason, channel,
-- pack_version_id, at, grace_s.
create function reverse(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_accrual_id constant bigint := (p_item->>'transfer_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_outcome jsonb := answered_before(p_item);
  v_lot record;
  v_left bigint;
  v_amount bigint;
  v_own bigint;
  v_lot_ids bigint[];
  v_amounts bigint[];
  v_taken bigint;
  v_debt bigint := 0;
  v_reversal_id bigint;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  select l.lot_id, l.unit, l.amount, l.available_at, l.ends_at, e.account into v_lot
    from lot l
    join transfer t on t.member_id = l.member_id and t.transfer_id = l.transfer_id
    join entry e on e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
                and e.account <> 'member'
   where l.member_id = v_member_id and l.transfer_id = v_accrual_id and t.kind in ('accrual', 'adjustment');
  if not found then
    return answered(p_item, 'no_transfer', '{}');
  end if;
  perform holds_timed_out(p_item);
  v_left := v_lot.amount - accrual_gone(v_member_id, v_accrual_id, v_lot.lot_id, v_at);
  v_amount := coalesce((p_item->>'amount')::bigint, v_left);
  if v_amount not between 1 and v_left then
    return answered(p_item, 'too_much', '{}');
  elsif p_item->>'claw_back' = 'only_pending' and coalesce(v_lot.available_at <= v_at, true) then
    return answered(p_item, 'not_pending', '{}');
  end if;
  if v_lot.ends_at <= v_at then
    perform lot_expired(p_item, v_lot.lot_id);
  end if;

  select least(l.remaining - l.held, v_amount) into v_own
    from lot l where l.member_id = v_member_id and l.lot_id = v_lot.lot_id;
  select array_agg(f.lot_id), array_agg(f.amount), coalesce(sum(f.amount), 0) into v_lot_ids, v_amounts, v_taken
    from (
      select v_lot.lot_id as lot_id, v_own as amount where v_own > 0
      union all
      select o.lot_id, o.amount from lots_for(v_member_id, v_lot.unit, v_amount - v_own, v_at, v_lot.lot_id) as o
    ) as f;
  if p_item->>'claw_back' = 'unlimited' then
    v_debt := v_amount - v_taken;
  end if;
  v_reversal_id := booked(
    p_item, 'reversal', v_lot.unit, -v_taken, v_lot.account,
    jsonb_build_object('of_transfer_id', v_accrual_id, 'shortfall', v_amount - v_taken, 'debt', v_debt));
  if v_taken > 0 then
    perform lots_used(v_member_id, v_reversal_id, v_lot_ids, v_amounts);
  end if;
  update account a set debt = a.debt + v_debt where a.member_id = v_member_id and a.unit = v_lot.unit and v_debt > 0;
  return answered(p_item, 'reversed', jsonb_build_object(
    'transfer_id', v_reversal_id, 'amount', v_taken, 'shortfall', v_amount - v_taken));
end $$;

-- What of an accrual was taken back before, or has expired, swept or not.
create function accrual_gone(p_member_id bigint, p_transfer_id bigint, p_lot_id bigint, p_at timestamptz) returns bigint
language sql stable
as $$
  select (
    select coalesce(sum(t.shortfall - t.amount), 0)
      from transfer t where t.member_id = p_member_id and t.of_transfer_id = p_transfer_id and t.kind = 'reversal'
  )::bigint + (
    select coalesce(sum(u.amount), 0)
      from lot_use u join transfer t on t.member_id = u.member_id and t.transfer_id = u.transfer_id
     where u.member_id = p_member_id and u.lot_id = p_lot_id and t.kind = 'expiry'
  )::bigint + (
    select case when l.ends_at <= p_at then l.remaining - l.held else 0 end
      from lot l where l.member_id = p_member_id and l.lot_id = p_lot_id
  )
$$;

-- The sweep: what is over of a member's lots becomes breakage, and holds whose time is out end.
-- Item: member_id, channel, pack_version_id, at, grace_s.
create function expire(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_lot_id bigint;
  v_holds constant bigint := holds_timed_out(p_item);
  v_points bigint := 0;
begin
  for v_lot_id in
    select l.lot_id
      from lot l
     where l.member_id = (p_item->>'member_id')::bigint and l.remaining > 0 and l.remaining > l.held
       and l.ends_at <= (p_item->>'at')::timestamptz
     order by l.lot_id
  loop
    v_points := v_points + lot_expired(p_item, v_lot_id);
  end loop;
  return jsonb_build_object('result', 'expired', 'amount', v_points, 'holds', v_holds);
end $$;

-- Members of whom something is over: lots past their end, and holds whose time is out. At most so many.
create function members_due(p_at timestamptz, p_count integer) returns table (member_id bigint)
language sql stable
as $$
  (select distinct l.member_id
     from lot l where l.remaining > 0 and l.remaining > l.held and l.ends_at <= p_at limit p_count)
  union
  (select distinct h.member_id from hold h where h.state = 'open' and h.expires_at <= p_at limit p_count)
$$;
