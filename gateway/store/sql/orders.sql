-- Rewards: a quote, the order that confirms it, and how the order ends. The member's row is locked by the caller; a stock
-- is locked after it, and is the last lock of its transaction.

-- What a reward costs this member now; whoever confirms it pays exactly that. Old quotes make room.
-- Item: member_id, key, request_digest (hex), reward, unit, price, short_number, expires_at, at.
create function make_quote(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_outcome jsonb := answered_before(p_item);
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  delete from quote q where q.member_id = v_member_id and q.expires_at < v_at - interval '1 day';
  insert into quote (member_id, key, reward, unit, price, short_number, at, expires_at)
  values (v_member_id, p_item->>'key', p_item->>'reward', p_item->>'unit', (p_item->>'price')::bigint,
          p_item->>'short_number', v_at, (p_item->>'expires_at')::timestamptz);
  return answered(p_item, 'quoted', '{}');
end $$;

-- The quotes that members mean: that of a key, confirmed or not, so that a repeat finds its order; or, without a key, the
-- latest one that was told by this short number, if it was not confirmed and is not over.
create function quotes_meant(p_member_ids bigint[], p_keys text[], p_short_numbers text[], p_ats timestamptz[])
returns table (ord integer, key text, reward text, unit text, price bigint)
language sql stable
as $$
  select a.ord::integer, q.key, q.reward, q.unit, q.price
    from unnest(p_member_ids, p_keys, p_short_numbers, p_ats) with ordinality as a (member_id, key, short_number, at, ord)
    cross join lateral (
      select l.key, l.reward, l.unit, l.price, l.expires_at, l.order_id
        from quote l
       where l.member_id = a.member_id and (l.key = a.key or (a.key is null and l.short_number = a.short_number))
       order by l.at desc, l.key desc limit 1
    ) as q
   where a.key is not null or (q.order_id is null and q.expires_at > a.at)
$$;

-- How many orders of a reward a member has or had since a moment; what was refused does not count.
create function orders_had(p_member_id bigint, p_reward text, p_since timestamptz) returns bigint
language sql stable
as $$
  select count(*) from reward_order o
   where o.member_id = p_member_id and o.reward = p_reward and o.at > p_since and o.state not in ('refused', 'expired')
$$;

-- What is said of each reward now: how many are left (null: as many as one likes), whether a switch stops it, and how
-- many this member had since a moment.
create function rewards_seen(p_member_id bigint, p_rewards text[], p_since timestamptz[])
returns table (ord integer, remaining bigint, vouchers boolean, thrown boolean, had bigint)
language sql stable
as $$
  select a.ord::integer, (select s.remaining from reward_stock s where s.reward = a.reward),
         exists (select from voucher v where v.reward = a.reward and v.order_id is null),
         thrown(array['reward:' || a.reward]),
         case when a.since is null then 0 else orders_had(p_member_id, a.reward, a.since) end
    from unnest(p_rewards, p_since) with ordinality as a (reward, since, ord)
$$;

-- Why an order may not be, or null. Nothing is written.
create function order_refused(p_item jsonb) returns text
language plpgsql stable
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_price constant bigint := (p_item->>'price')::bigint;
begin
  if (select m.status from member m where m.member_id = v_member_id) <> 'active' then
    return 'blocked';
  elsif thrown(array['action:exchange', 'reward:' || (p_item->>'reward')]) then
    return 'closed';
  elsif p_item->>'quote_key' is not null and not exists (
    select from quote q
     where q.member_id = v_member_id and q.key = p_item->>'quote_key' and q.order_id is null and q.expires_at > v_at
       and q.reward = p_item->>'reward' and q.unit = p_item->>'unit' and q.price = v_price) then
    return 'no_quote';
  elsif orders_had(v_member_id, p_item->>'reward', (p_item->>'limit_since')::timestamptz)
        >= (p_item->>'limit_count')::bigint then
    return 'limit';
  elsif available(v_member_id, p_item->>'unit', v_at) < v_price then
    return 'insufficient';
  end if;
  return null;
end $$;

-- Take one of a counted reward, or one voucher; false when there is none. The voucher's id comes back in its place.
create function stock_taken(p_item jsonb, out taken boolean, out voucher_id bigint)
language plpgsql
as $$
begin
  taken := true;
  if (p_item->>'counted')::boolean then
    perform no_other_item(p_item);
    update reward_stock s set remaining = s.remaining - 1 where s.reward = p_item->>'reward' and s.remaining > 0;
    taken := found;
  elsif p_item->>'fulfilment' = 'voucher' then
    select v.voucher_id into voucher_id
      from voucher v where v.reward = p_item->>'reward' and v.order_id is null
     order by v.voucher_id limit 1 for update skip locked;
    taken := found;
  end if;
end $$;

-- The first of an order's hand-over codes under which no other order waits: its digest, and its sealed form. One that
-- another transaction draws at this moment is passed over, not waited for: whoever waits has a member and a stock locked.
-- Handover: key_version, candidates [{digests: [by version of the key, that one first (hex)], sealed}, …].
create function handover_drawn(p_handover jsonb, out digest bytea, out sealed jsonb)
language plpgsql
as $$
declare
  v_candidate jsonb;
  v_digests bytea[];
  v_ours boolean;
begin
  perform keep_code_key((p_handover->>'key_version')::smallint);
  for v_candidate in
    select c.value from jsonb_array_elements(p_handover->'candidates') with ordinality as c (value, ord) order by c.ord
  loop
    v_digests := digests_of(v_candidate->'digests');
    select bool_and(pg_try_advisory_xact_lock(hashtextextended('handover:' || encode(d.digest, 'hex'), 0))) into v_ours
      from unnest(v_digests) as d (digest);
    -- A statement of its own, so that it sees what was committed before the locks were ours.
    if v_ours and not exists (
      select from reward_order o where o.state = 'ready' and o.handover_digest = any (v_digests)) then
      digest := v_digests[1];
      sealed := v_candidate->'sealed';
      return;
    end if;
  end loop;
  raise exception 'every hand-over code that was drawn is taken' using errcode = '40001';
end $$;

-- Exchange: everything is looked at, then held, then ordered. A voucher is captured and sent at once; what is handed over
-- or delivered by others keeps its hold until it has come.
-- Item: member_id, key, request_digest (hex), reward, fulfilment, unit, price (0: a code granted it), quote_key (or
-- null), counted, limit_count and limit_since (or null), due_at (or null), terms, handover (see
-- `handover_drawn`; or null), told {result: {reply, outcome, facts, sealed, language}}, notice (how messages are sent: smsc,
-- short_number, kinds), channel, pack_version_id, at, grace_s, reason.
create function place_order(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_price constant bigint := (p_item->>'price')::bigint;
  v_fulfilment constant text := p_item->>'fulfilment';
  v_outcome jsonb := answered_before(p_item);
  v_refused text;
  v_stock record;
  v_handover_digest bytea;
  v_handover_sealed jsonb;
  v_hold_id bigint;
  v_transfer_id bigint;
  v_order_id bigint;
  v_result text;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  perform holds_timed_out(p_item);
  v_refused := order_refused(p_item);
  if v_refused is not null then
    return answered(p_item, v_refused, '{}');
  end if;
  select s.taken, s.voucher_id into v_stock from stock_taken(p_item) as s;
  if not v_stock.taken then
    return answered(p_item, 'sold_out', '{}');
  end if;

  if v_price > 0 then
    v_hold_id := hold_made(p_item, p_item->>'unit', v_price, null);
  end if;
  v_result := case v_fulfilment when 'voucher' then 'delivered' when 'pick_up' then 'ready' else 'ordered' end;
  if v_result = 'delivered' and v_price > 0 then
    v_transfer_id := hold_captured(p_item, v_hold_id, v_price);
  end if;
  if v_result = 'ready' then
    select d.digest, d.sealed into v_handover_digest, v_handover_sealed from handover_drawn(p_item->'handover') as d;
  end if;
  insert into reward_order (member_id, reward, fulfilment, state, unit, price, hold_id, transfer_id, voucher_id, counted,
                            handover_digest, handover_key_version, terms, notice, channel, key, pack_version_id, at,
                            due_at, settled_at)
  values (v_member_id, p_item->>'reward', v_fulfilment,
          case v_fulfilment when 'voucher' then 'delivered' when 'pick_up' then 'ready' when 'manual' then 'waiting'
                            else 'placed' end,
          p_item->>'unit', v_price, v_hold_id, v_transfer_id, v_stock.voucher_id, (p_item->>'counted')::boolean,
          v_handover_digest, case when v_result = 'ready' then (p_item->'handover'->>'key_version')::smallint end,
          p_item->'terms', p_item->'notice', p_item->>'channel', p_item->>'key', (p_item->>'pack_version_id')::integer,
          v_at, (p_item->>'due_at')::timestamptz, case when v_result = 'delivered' then v_at end)
  returning reward_order.order_id into v_order_id;
  update quote q set order_id = v_order_id where q.member_id = v_member_id and q.key = p_item->>'quote_key';
  update voucher v set order_id = v_order_id
   where v.reward = p_item->>'reward' and v.voucher_id = v_stock.voucher_id;
  v_outcome := jsonb_build_object('order_id', v_order_id, 'facts', jsonb_build_object(
    'order', v_order_id, 'balance', available(v_member_id, p_item->>'unit', v_at)));
  if v_transfer_id is not null then
    v_outcome := v_outcome || jsonb_build_object('transfer_id', v_transfer_id);
  end if;
  perform order_told(
    p_item || jsonb_build_object('handover_sealed', v_handover_sealed), v_result, v_outcome->'facts', v_stock.voucher_id);
  return answered(p_item, v_result, v_outcome);
end $$;

-- What a member is told by SMS about an order, whatever the mouth; nothing where nothing is to be told.
create function order_told(p_item jsonb, p_result text, p_facts jsonb, p_voucher_id bigint) returns void
language plpgsql
as $$
declare
  v_told constant jsonb := p_item->'told'->p_result;
  v_facts jsonb;
begin
  if v_told is null or jsonb_typeof(v_told) <> 'object' or jsonb_typeof(p_item->'notice') <> 'object' then
    return;
  end if;
  v_facts := (v_told->'facts') || p_facts;
  if p_item->>'handover_sealed' is not null and v_told->'sealed' ? 'handover' then
    v_facts := v_facts || jsonb_build_object('sealed', jsonb_build_object('handover', p_item->'handover_sealed'));
  elsif p_voucher_id is not null then
    select v_facts || jsonb_build_object('sealed', jsonb_build_object(
             'voucher', jsonb_build_array(encode(v.cipher, 'hex'), v.key_version, encode(v.digest, 'hex')))) into v_facts
      from voucher v where v.reward = p_item->>'reward' and v.voucher_id = p_voucher_id;
  end if;
  perform put_message(
    (p_item->'notice') || jsonb_build_object(
      'member_id', p_item->'member_id', 'at', p_item->'at', 'message', v_told->'message'),
    v_told || jsonb_build_object('facts', v_facts));
end $$;

-- By what name the other side knows an order: it is no other deployment's, whatever keys and clocks change.
create function order_reference(p_order_id bigint) returns text language sql stable
as $$ select d.order_prefix || '-' || p_order_id from deployment d $$;

-- Take orders to deliver, oldest first; they are `calling` and leased to `p_owner`. One that somebody else was calling
-- when he died is `doubtful`: the other side may have it. Asked again over a broken connection, a claim finds what it took.
create function orders_claim(
  p_fulfilments text[], p_count integer, p_owner text, p_lease_until timestamptz, p_now timestamptz
) returns table (
  order_id bigint, reference text, member_id bigint, number_digest bytea, number_cipher bytea, key_version smallint,
  language text, reward text, terms jsonb, at timestamptz, tries smallint, doubtful boolean
)
language plpgsql
as $$
#variable_conflict use_column
begin
  if not exists (select from reward_order o where o.state = 'calling' and o.owner = p_owner) then
    with next as (
      select o.order_id
        from reward_order o
       where o.fulfilment = any (p_fulfilments) and o.state in ('placed', 'calling')
         and (o.call_lease_until is null or o.call_lease_until <= p_now)
       order by o.order_id limit p_count
         for update of o skip locked
    )
    update reward_order o
       set doubtful = o.doubtful or o.state = 'calling', state = 'calling', owner = p_owner,
           call_lease_until = p_lease_until, tries = o.tries + 1
      from next where o.order_id = next.order_id;
  end if;
  return query
    select o.order_id, order_reference(o.order_id), o.member_id, n.number_digest, n.number_cipher, n.key_version,
           m.language, o.reward, o.terms, o.at, o.tries, o.doubtful
      from reward_order o
      join member m on m.member_id = o.member_id
      left join member_number n on n.member_id = o.member_id
     where o.state = 'calling' and o.owner = p_owner
     order by o.order_id;
end $$;

-- How an order ended, once: `delivered` captures its hold, `refused` and `expired` give it back, and the stock too.
-- Or how it did not: `parked` waits for staff, `later` rests until it is tried again. Whoever claimed it says so; without
-- an owner it is staff, who settle what nobody is calling, or the sweep of what was due, which leaves alone what the
-- other side may have.
-- Item: member_id, key, request_digest (hex), order_id, becomes, order_reason, owner (or null), doubtful, rest_until
-- (machine time, or null), told (as in `place_order`), channel, pack_version_id, at, grace_s.
create function settle_order(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_becomes constant text := p_item->>'becomes';
  v_outcome jsonb := answered_before(p_item);
  v_order record;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  select o.order_id, o.state, o.owner, o.unit, o.reward, o.notice, o.doubtful into v_order
    from reward_order o
   where o.order_id = (p_item->>'order_id')::bigint and o.member_id = v_member_id
     for no key update;
  if not found then
    return answered(p_item, 'no_order', '{}');
  elsif v_order.state in ('delivered', 'refused', 'expired')
     or v_order.owner is distinct from p_item->>'owner' or (v_becomes = 'expired' and v_order.doubtful) then
    return answered(p_item, 'settled', jsonb_build_object('state', v_order.state));
  end if;
  if v_becomes in ('parked', 'later') then
    update reward_order
       set state = case v_becomes when 'later' then 'placed' else 'parked' end, owner = null,
           reason = p_item->>'order_reason', doubtful = (p_item->>'doubtful')::boolean,
           call_lease_until = (p_item->>'rest_until')::timestamptz
     where order_id = v_order.order_id;
    return answered(p_item, v_becomes, jsonb_build_object('order_id', v_order.order_id));
  end if;
  perform order_ended(p_item, v_order.order_id);
  perform order_told(
    p_item || jsonb_build_object('notice', v_order.notice, 'reward', v_order.reward), v_becomes,
    jsonb_build_object('order', v_order.order_id, 'balance', available(v_member_id, v_order.unit, v_at)), null);
  return answered(p_item, v_becomes, jsonb_build_object('order_id', v_order.order_id));
end $$;

-- The points and the stock of an order that has ended.
create function order_ended(p_item jsonb, p_order_id bigint) returns void
language plpgsql
as $$
declare
  v_becomes constant text := p_item->>'becomes';
  v_order record;
  v_transfer_id bigint;
begin
  select o.hold_id, o.price, o.reward, o.counted into v_order from reward_order o where o.order_id = p_order_id;
  if v_order.hold_id is not null and v_becomes = 'delivered' then
    v_transfer_id := hold_captured(p_item, v_order.hold_id, v_order.price);
  elsif v_order.hold_id is not null then
    perform hold_ended(p_item, v_order.hold_id, 'released', 0, (p_item->>'at')::timestamptz);
  end if;
  update reward_order
     set state = v_becomes, owner = null, call_lease_until = null, reason = p_item->>'order_reason',
         transfer_id = v_transfer_id, settled_at = (p_item->>'at')::timestamptz
   where order_id = p_order_id;
  if v_order.counted and v_becomes <> 'delivered' then
    perform no_other_item(p_item);
    update reward_stock s set remaining = s.remaining + 1 where s.reward = v_order.reward;
  end if;
end $$;

-- Orders as staff and members see them, newest first: of one member, or in some states, or both.
create function orders_list(p_member_id bigint, p_states text[], p_before bigint, p_count integer) returns table (
  order_id bigint, member_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, reward text,
  fulfilment text, state text, reason text, unit text, price bigint, channel text, at timestamptz, due_at timestamptz,
  settled_at timestamptz, tries smallint, doubtful boolean, reference text
)
language sql stable
as $$
  select o.order_id, o.member_id, n.number_digest, n.number_cipher, n.key_version, o.reward, o.fulfilment, o.state,
         o.reason, o.unit, o.price, o.channel, o.at, o.due_at, o.settled_at, o.tries, o.doubtful,
         order_reference(o.order_id)
    from reward_order o left join member_number n on n.member_id = o.member_id
   where (p_member_id is null or o.member_id = p_member_id) and (p_states is null or o.state = any (p_states))
     and (p_before is null or o.order_id < p_before)
   order by o.order_id desc
   limit p_count
$$;

-- Orders that were not collected, or that nobody delivered, in time; not those that the other side may have.
create function orders_due(p_at timestamptz, p_count integer) returns table (
  order_id bigint, member_id bigint, reward text, language text, tries smallint, state text
)
language sql stable
as $$
  select o.order_id, o.member_id, o.reward, m.language, o.tries, o.state
    from reward_order o join member m on m.member_id = o.member_id
   where o.state in ('placed', 'waiting', 'ready') and o.due_at <= p_at and not o.doubtful
   order by o.due_at limit p_count
$$;

-- How many orders are not over, by state.
create function orders_counts() returns table (state text, count bigint)
language sql stable
as $$
  select o.state, count(*)
    from reward_order o where o.state in ('placed', 'calling', 'waiting', 'ready', 'parked') group by o.state
$$;
