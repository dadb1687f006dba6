-- The one door for everything that touches one member's rows only.

-- One item of whatever primitive it names. The member's row is locked by the caller.
create function carried_out(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb;
begin
  v_outcome := case p_item->>'primitive'
    when 'post' then post(p_item)
    when 'record_event' then record_event(p_item)
    when 'choose_language' then choose_language(p_item)
    when 'record_consent' then record_consent(p_item)
    when 'take_text' then take_text(p_item)
    when 'keep_part' then keep_part(p_item)
    when 'take_dial' then take_dial(p_item)
    when 'tell_result' then tell_result(p_item)
    when 'redeem_code' then redeem_code(p_item)
    when 'make_quote' then make_quote(p_item)
    when 'place_order' then place_order(p_item)
    when 'settle_order' then settle_order(p_item)
    when 'place_hold' then place_hold(p_item)
    when 'capture_hold' then capture_hold(p_item)
    when 'release_hold' then release_hold(p_item)
    when 'spend' then spend(p_item)
    when 'refund' then refund(p_item)
    when 'reverse' then reverse(p_item)
    when 'adjust' then adjust(p_item)
    when 'expire' then expire(p_item)
  end;
  if v_outcome is null then
    raise exception 'no such primitive: %', p_item->>'primitive';
  end if;
  return v_outcome;
end $$;

-- A stock is locked after members and is its transaction's last lock: so an item that touches one leaves with others of
-- the same stock (`shared` names it), or alone. Whoever finds out only here that it does is undone and sent again alone.
create function no_other_item(p_item jsonb) returns void
language plpgsql
as $$
begin
  -- Set in a batch only; elsewhere it is null, or empty after a batch of the same connection.
  if not p_item ? 'shared' and nullif(current_setting('gateway.items', true), '')::integer > 1 then
    perform refuse('alone');
  end if;
end $$;

-- Apply items, each in a subtransaction of its own, each with its own outcome, matched by `ord` (from 0).
-- Members are locked first, ascending. Without `p_wait` a member whom somebody else holds is passed over and
-- answered `busy`: the caller sends that member's items alone with `p_wait`, so that nobody else waits for them.
-- An item is what its `primitive` takes. An outcome's `result`: what the primitive says, or `busy`,
-- `no_member`, `alone` (see `no_other_item`), or `failed` with `sqlstate` and `message`.
create function write_batch(p_items jsonb, p_wait boolean) returns table (ord integer, outcome jsonb)
language plpgsql
as $$
declare
  v_wanted constant bigint[] := array(select distinct (value->>'member_id')::bigint from jsonb_array_elements(p_items));
  v_locked bigint[];
  v_item jsonb;
  v_state text;
  v_message text;
begin
  if p_wait then
    v_locked := array(
      select m.member_id from member m where m.member_id = any (v_wanted) order by m.member_id for no key update);
  else
    v_locked := array(
      select m.member_id from member m where m.member_id = any (v_wanted) order by m.member_id
         for no key update skip locked);
  end if;

  perform set_config('gateway.items', jsonb_array_length(p_items)::text, true);
  for ord, v_item in select o - 1, value from jsonb_array_elements(p_items) with ordinality as t (value, o) loop
    if (v_item->>'member_id')::bigint = any (v_locked) then
      begin
        outcome := carried_out(v_item);
      exception
        when sqlstate 'GW001' then
          outcome := jsonb_build_object('result', sqlerrm);
        when others then
          get stacked diagnostics v_state = returned_sqlstate, v_message = message_text;
          outcome := jsonb_build_object('result', 'failed', 'sqlstate', v_state, 'message', v_message);
      end;
    elsif p_wait then
      outcome := '{"result": "no_member"}';
    else
      outcome := '{"result": "busy"}';
    end if;
    return next;
  end loop;
end $$;
