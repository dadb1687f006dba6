-- What staff give and take by hand: movements with their line of the audit log, limits of a day, and what waits for a
-- second pair of eyes.

-- A movement by staff's word (`adjust`, `refund`, `reverse`), or a member's choice (`choose_language`), and who it was.
-- `p_facts` is what else there is to say.
create function moved_by_staff(p_item jsonb, p_actor text, p_facts jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome jsonb;
begin
  perform from member m where m.member_id = (p_item->>'member_id')::bigint for no key update;
  v_outcome := carried_out(p_item);
  perform audit((p_item->>'at')::timestamptz, p_actor, p_item->>'primitive', 'member:' || (p_item->>'member_id'),
                jsonb_strip_nulls(p_facts || v_outcome));
  return v_outcome;
end $$;

-- The unit of a member's movement, and its kind.
create function movement_seen(p_member_id bigint, p_transfer_id bigint) returns table (unit text, kind text)
language sql stable
as $$
  select t.unit, t.kind from transfer t where t.member_id = p_member_id and t.transfer_id = p_transfer_id
$$;

-- Count what a key gives away against its day; false, and nothing counted, where that is more than it may. Whoever else
-- uses the key waits until this transaction ends, so that two together never give more.
create function given_in_day(p_key_name text, p_kind text, p_unit text, p_day date, p_amount bigint, p_max bigint)
returns boolean
language plpgsql
as $$
begin
  insert into staff_day (key_name, kind, unit, day, total) values (p_key_name, p_kind, p_unit, p_day, 0)
  on conflict do nothing;
  update staff_day d set total = d.total + p_amount
   where d.key_name = p_key_name and d.kind = p_kind and d.unit = p_unit and d.day = p_day
     and d.total + p_amount <= p_max;
  return found;
end $$;

-- Keep what has to wait; its number.
create function approval_asked(p_kind text, p_member_id bigint, p_asked jsonb, p_by text, p_at timestamptz)
returns bigint
language plpgsql
as $$
declare
  v_approval_id bigint;
begin
  insert into approval (kind, state, member_id, asked, asked_by, asked_at)
  values (p_kind, 'waiting', p_member_id, p_asked, p_by, p_at)
  returning approval_id into v_approval_id;
  perform audit(p_at, 'api:' || p_by, 'ask_approval', coalesce('member:' || p_member_id, 'approval:' || v_approval_id),
                jsonb_build_object('approval', v_approval_id, 'kind', p_kind, 'asked', p_asked - 'digest'));
  return v_approval_id;
end $$;

-- What waits, or waited, under that number, locked until the transaction ends.
create function approval_taken(p_approval_id bigint)
returns table (kind text, state text, member_id bigint, asked jsonb, asked_by text, asked_at timestamptz)
language sql
as $$
  select a.kind, a.state, a.member_id, a.asked, a.asked_by, a.asked_at
    from approval a where a.approval_id = p_approval_id for no key update
$$;

-- Somebody else's word on it. The caller has taken it.
create function approval_decided(p_approval_id bigint, p_state text, p_by text, p_comment text, p_at timestamptz)
returns void
language plpgsql
as $$
declare
  v_member_id bigint;
begin
  update approval a set state = p_state, decided_by = p_by, decided_at = p_at, comment = p_comment
   where a.approval_id = p_approval_id returning a.member_id into v_member_id;
  perform audit(p_at, 'api:' || p_by, 'decide_approval', coalesce('member:' || v_member_id, 'approval:' || p_approval_id),
                jsonb_build_object('approval', p_approval_id, 'became', p_state, 'comment', p_comment));
end $$;

-- What was approved has been done. The caller has taken it.
create function approval_used(p_approval_id bigint) returns void
language sql
as $$ update approval a set state = 'done' where a.approval_id = p_approval_id $$;

-- What was asked for, newest first: in these states.
create function approvals_list(p_states text[], p_before bigint, p_count integer) returns table (
  approval_id bigint, kind text, state text, number_digest bytea, number_cipher bytea, key_version smallint, asked jsonb,
  asked_by text, asked_at timestamptz, decided_by text, decided_at timestamptz, comment text
)
language sql stable
as $$
  select a.approval_id, a.kind, a.state, n.number_digest, n.number_cipher, n.key_version, a.asked, a.asked_by, a.asked_at,
         a.decided_by, a.decided_at, a.comment
    from approval a left join member_number n on n.member_id = a.member_id
   where a.state = any (p_states) and a.approval_id < p_before
   order by a.approval_id desc
   limit p_count
$$;
