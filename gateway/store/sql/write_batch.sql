-- The one door for everything that touches one member's rows only.

-- Apply items, each in a subtransaction of its own, each with its own outcome, matched by `ord` (from 0).
-- Members are locked first, ascending. Without `p_wait` a member whom somebody else holds is passed over and
-- answered `busy`: the caller sends that member's items alone with `p_wait`, so that nobody else waits for them.
-- An item is what its `primitive` takes. An outcome's `result`: what the primitive says, or `busy`,
-- `no_member`, or `failed` with `sqlstate` and `message`.
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

  for ord, v_item in select o - 1, value from jsonb_array_elements(p_items) with ordinality as t (value, o) loop
    if (v_item->>'member_id')::bigint = any (v_locked) then
      begin
        outcome := case v_item->>'primitive'
          when 'post' then post(v_item)
          when 'record_event' then record_event(v_item)
          when 'choose_language' then choose_language(v_item)
        end;
        if outcome is null then
          raise exception 'no such primitive: %', v_item->>'primitive';
        end if;
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
