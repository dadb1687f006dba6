-- What a member chose.

-- The member's language. Item: member_id, key, request_digest (hex), language, at.
create function choose_language(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb := answered_before(p_item);
begin
  if v_outcome is null then
    update member set language = p_item->>'language' where member_id = (p_item->>'member_id')::bigint;
    v_outcome := '{"result": "chosen"}';
    perform remember_answer(p_item, v_outcome);
  end if;
  return v_outcome;
end $$;
