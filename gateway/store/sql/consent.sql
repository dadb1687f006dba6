-- What a member said to advertising.

-- The latest word counts, and each is kept: when, by which channel, to which wording. A withdrawal also stops what is
-- queued: a campaign that is under way does not reach this member any more.
-- Item: member_id, key, request_digest (hex), given, channel, wording, at.
create function record_consent(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_outcome jsonb := answered_before(p_item);
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  insert into consent (member_id, purpose, given, channel, wording, at)
  values (v_member_id, 'advertising', (p_item->>'given')::boolean, p_item->>'channel', p_item->>'wording',
          (p_item->>'at')::timestamptz);
  if not (p_item->>'given')::boolean then
    update outbox set state = 'failed', reason = 'consent_withdrawn', send_lease_until = null
     where member_id = v_member_id and lane = 'campaign' and state in ('queued', 'in_doubt');
  end if;
  v_outcome := '{"result": "recorded"}';
  perform remember_answer(p_item, v_outcome);
  return v_outcome;
end $$;
