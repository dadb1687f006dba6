-- What staff do with orders, stocks, vouchers and switches: each act writes its line of the audit log in its transaction.

-- An order as whoever would settle it must know it.
create function order_seen(p_order_id bigint) returns table (
  order_id bigint, member_id bigint, reward text, fulfilment text, state text, language text, settled_at timestamptz
)
language sql stable
as $$
  select o.order_id, o.member_id, o.reward, o.fulfilment, o.state, m.language, o.settled_at
    from reward_order o join member m on m.member_id = o.member_id
   where o.order_id = p_order_id
$$;

-- The order that a hand-over code opens; else the latest that had it, which is over.
create function order_of_handover(p_digests bytea[]) returns table (order_id bigint)
language sql stable
as $$
  select o.order_id
    from reward_order o
   where o.handover_digest = any (p_digests)
   order by o.state = 'ready' desc, o.order_id desc limit 1
$$;

-- `settle_order` by staff's word. Only what is parked can be placed again: nobody delivers the rest by calling.
create function order_settled_by(p_item jsonb, p_actor text) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb;
  v_state text;
begin
  perform from member m where m.member_id = (p_item->>'member_id')::bigint for no key update;
  v_outcome := answered_before(p_item);
  if v_outcome is not null then
    return v_outcome;
  end if;
  select o.state into v_state from reward_order o where o.order_id = (p_item->>'order_id')::bigint;
  if p_item->>'becomes' = 'later' and v_state <> 'parked' then
    return jsonb_build_object('result', 'settled', 'state', v_state);
  end if;
  v_outcome := settle_order(p_item);
  perform audit((p_item->>'at')::timestamptz, p_actor, 'settle_order', 'order:' || (p_item->>'order_id'),
                jsonb_build_object('becomes', p_item->'becomes', 'was', v_state, 'result', v_outcome->'result',
                                   'doubtful', p_item->'doubtful', 'reason', p_item->'order_reason'));
  return v_outcome;
end $$;

-- Rewards by code: what remains of the stock (null: none was ever counted), vouchers that are left, and whether a switch
-- stops it.
create function rewards_stocked(p_rewards text[])
returns table (ord integer, remaining bigint, vouchers bigint, thrown boolean)
language sql stable
as $$
  select a.ord::integer, (select s.remaining from reward_stock s where s.reward = a.reward),
         (select count(*) from voucher v where v.reward = a.reward and v.order_id is null),
         thrown(array['reward:' || a.reward])
    from unnest(p_rewards) with ordinality as a (reward, ord)
$$;

-- So many more (or fewer) of a counted reward, once for a key; what remains, or null when it would be less than nothing.
create function stock_changed(p_reward text, p_by bigint, p_key text, p_actor text, p_at timestamptz) returns bigint
language plpgsql
as $$
declare
  v_subject constant text := 'reward:' || p_reward;
  v_remaining bigint;
begin
  insert into reward_stock (reward, remaining) values (p_reward, 0) on conflict (reward) do nothing;
  select s.remaining into v_remaining from reward_stock s where s.reward = p_reward for no key update;
  if exists (select from audit_log a where a.subject = v_subject and a.facts->>'key' = p_key) then
    return v_remaining;
  elsif v_remaining + p_by < 0 then
    return null;
  end if;
  update reward_stock s set remaining = s.remaining + p_by where s.reward = p_reward;
  perform audit(p_at, p_actor, 'change_stock', v_subject,
                jsonb_build_object('by', p_by, 'remaining', v_remaining + p_by, 'key', p_key));
  return v_remaining + p_by;
end $$;

-- Vouchers that were bought from somebody; those that we have already are left out. How many are new.
create function vouchers_put(
  p_reward text, p_digests bytea[], p_ciphers bytea[], p_key_version smallint, p_actor text, p_at timestamptz
) returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  insert into voucher (reward, digest, cipher, key_version)
  select p_reward, v.digest, v.cipher, p_key_version
    from unnest(p_digests, p_ciphers) as v (digest, cipher) order by v.digest
  on conflict (digest) do nothing;
  get diagnostics v_count = row_count;
  if v_count > 0 then
    perform audit(p_at, p_actor, 'put_vouchers', 'reward:' || p_reward, jsonb_build_object('count', v_count));
  end if;
  return v_count;
end $$;

-- Throw a kill switch; false when it was thrown already.
create function switch_thrown(p_name text, p_at timestamptz, p_by text, p_reason text) returns boolean
language plpgsql
as $$
begin
  insert into switch (name, since, thrown_by, reason) values (p_name, p_at, p_by, p_reason) on conflict (name) do nothing;
  if not found then
    return false;
  end if;
  perform audit(p_at, p_by, 'throw_switch', 'switch:' || p_name, jsonb_build_object('reason', p_reason));
  return true;
end $$;

-- Close a switch again; false when it was not thrown.
create function switch_closed(p_name text, p_at timestamptz, p_by text) returns boolean
language plpgsql
as $$
begin
  delete from switch where name = p_name;
  if not found then
    return false;
  end if;
  perform audit(p_at, p_by, 'close_switch', 'switch:' || p_name, '{}');
  return true;
end $$;

-- The switches that are thrown.
create function switches_list() returns table (name text, since timestamptz, thrown_by text, reason text)
language sql stable
as $$ select s.name, s.since, s.thrown_by, s.reason from switch s order by s.name $$;

-- The campaigns of all batches of gift codes.
create function campaigns_known() returns table (campaign text) language sql stable
as $$ select distinct b.campaign from code_batch b order by b.campaign $$;
