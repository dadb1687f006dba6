-- What the operator tells us: recorded, applied and answered in one transaction.

-- One event: its postings, the member's new status, and the record of it. The member's row is locked by the caller.
-- An event id that this source sent before answers as the first time; with another body it is refused.
-- `status_seen` is the guard: what was decided for another status is not booked but answered `stale`.
-- Item: source, event_id, request_digest (hex), member_id, type, amount, partner (of a purchase), occurred_at, at,
-- status_seen, status_becomes (null: as it is), postings (items of `post`).
create function record_event(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_digest constant bytea := decode(p_item->>'request_digest', 'hex');
  v_becomes constant text := p_item->>'status_becomes';
  v_status text;
  v_known record;
  v_posting jsonb;
  v_posted jsonb;
  v_earned jsonb := '[]';
  v_outcome jsonb;
begin
  select e.request_digest, e.outcome into v_known
    from source_event e where e.source = p_item->>'source' and e.event_id = p_item->>'event_id';
  if found then
    if v_known.request_digest <> v_digest then
      perform refuse('key_reused');
    end if;
    return v_known.outcome || '{"repeated": true}';
  end if;

  select m.status into v_status from member m where m.member_id = v_member_id;
  if v_status <> p_item->>'status_seen' then
    perform refuse('stale');
  end if;
  if v_becomes <> v_status then
    update member set status = v_becomes where member_id = v_member_id;
  end if;
  for v_posting in select value from jsonb_array_elements(p_item->'postings') loop
    v_posted := post(v_posting);
    if not v_posted ? 'repeated' then
      v_earned := v_earned || (v_posted - 'result' || jsonb_build_object('reason', v_posting->'reason'));
    end if;
  end loop;

  v_outcome := jsonb_build_object('result', 'accepted', 'earned', v_earned)
               || jsonb_strip_nulls(jsonb_build_object('partner', p_item->'partner'));
  insert into source_event (source, event_id, request_digest, member_id, type, amount, occurred_at, at, outcome)
  values (p_item->>'source', p_item->>'event_id', v_digest, v_member_id, p_item->>'type', (p_item->>'amount')::bigint,
          (p_item->>'occurred_at')::timestamptz, (p_item->>'at')::timestamptz, v_outcome)
  on conflict do nothing;
  if not found then
    -- The id came for two members at once, and theirs was first: ours is undone.
    perform refuse('key_reused');
  end if;
  return v_outcome;
end $$;
