-- What a member said to advertising.

-- The latest word counts, and each that changes something is kept: when, by which channel, to which wording. A withdrawal
-- also stops what is queued: a campaign that is under way does not reach this member any more.
-- Item: member_id, key, request_digest (hex), given, channel, wording, at.
create function record_consent(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_outcome jsonb := answered_before(p_item);
  v_last record;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  select c.given, c.wording into v_last
    from consent c where c.member_id = v_member_id and c.purpose = 'advertising' order by c.consent_id desc limit 1;
  if not found or v_last.given <> (p_item->>'given')::boolean or v_last.wording <> p_item->>'wording' then
    insert into consent (member_id, purpose, given, channel, wording, at)
    values (v_member_id, 'advertising', (p_item->>'given')::boolean, p_item->>'channel', p_item->>'wording',
            (p_item->>'at')::timestamptz);
  end if;
  if not (p_item->>'given')::boolean then
    update outbox set state = 'failed', reason = 'consent_withdrawn', send_lease_until = null
     where member_id = v_member_id and lane = 'campaign' and state in ('queued', 'in_doubt');
  end if;
  v_outcome := '{"result": "recorded"}';
  perform remember_answer(p_item, v_outcome);
  return v_outcome;
end $$;

-- Whether a member agreed to advertising; who never said a word did not.
create function agrees_to_advertising(p_member_id bigint) returns boolean language sql stable
as $$
  select coalesce((
    select c.given from consent c where c.member_id = p_member_id and c.purpose = 'advertising'
     order by c.consent_id desc limit 1), false)
$$;
