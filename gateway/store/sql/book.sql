-- What every movement of points shares: its transfer with its entries, and what it takes of which lots.
-- The member's row is locked by the caller.

-- What can be spent of a unit at a moment: not what is held, pending or past its end, swept or not. From the account's
-- sum, less the few lots that do not count, so that it costs the same however many lots a member has.
create function available(p_member_id bigint, p_unit text, p_at timestamptz) returns bigint
language sql stable
as $$
  select coalesce((select a.posted - a.held from account a where a.member_id = p_member_id and a.unit = p_unit), 0)
       - coalesce((
           select sum(l.remaining - l.held)
             from lot l
            where l.member_id = p_member_id and l.unit = p_unit and l.remaining > 0 and l.ends_at <= p_at), 0)::bigint
       - coalesce((
           select sum(l.remaining - l.held)
             from lot l
            where l.member_id = p_member_id and l.unit = p_unit and l.remaining > 0 and l.available_at > p_at
              and (l.ends_at is null or l.ends_at > p_at)), 0)::bigint
$$;

-- What to take of which lots, in spending order, to make up an amount; less than it where there is not enough.
-- `p_but` is a lot to leave alone, or null. A loop, and no sum over all lots: it ends as soon as there is enough.
create function lots_for(p_member_id bigint, p_unit text, p_amount bigint, p_at timestamptz, p_but bigint)
returns table (lot_id bigint, amount bigint)
language plpgsql stable
as $$
declare
  v_left bigint := p_amount;
  v_lot record;
begin
  for v_lot in
    select l.lot_id, l.remaining - l.held as free
      from lot l
     where l.member_id = p_member_id and l.unit = p_unit and l.remaining > 0 and l.remaining > l.held
       and (l.ends_at is null or l.ends_at > p_at) and (l.available_at is null or l.available_at <= p_at)
       and l.lot_id is distinct from p_but
     order by l.priority, l.ends_at nulls last, l.earned_at, l.lot_id
  loop
    exit when v_left <= 0;
    lot_id := v_lot.lot_id;
    amount := least(v_lot.free, v_left);
    v_left := v_left - amount;
    return next;
  end loop;
end $$;

-- One transfer: `p_amount` (signed) on the member's account, the rest against `p_account`; the id. `p_more` may hold
-- key, reason, expires_at, available_at, of_transfer_id, hold_id, shortfall, and `debt`: what of it goes against debt.
-- Item: member_id, key, reason, channel, pack_version_id, at.
create function booked(p_item jsonb, p_kind text, p_unit text, p_amount bigint, p_account text, p_more jsonb)
returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_month constant date := month_of(v_at);
  v_debt constant bigint := coalesce((p_more->>'debt')::bigint, 0);
  v_transfer_id constant bigint := nextval('transfer_id_seq');
begin
  insert into transfer (member_id, month, transfer_id, kind, unit, amount, reason, channel, key, pack_version_id, at,
                        expires_at, available_at, of_transfer_id, hold_id, shortfall)
  values (v_member_id, v_month, v_transfer_id, p_kind, p_unit, p_amount, coalesce(p_more->>'reason', p_item->>'reason'),
          p_item->>'channel', coalesce(p_more->>'key', p_item->>'key'), (p_item->>'pack_version_id')::integer, v_at,
          (p_more->>'expires_at')::timestamptz, (p_more->>'available_at')::timestamptz,
          (p_more->>'of_transfer_id')::bigint, (p_more->>'hold_id')::bigint,
          coalesce((p_more->>'shortfall')::bigint, 0));
  if p_amount <> 0 then
    insert into entry (member_id, month, transfer_id, account, unit, amount)
    values (v_member_id, v_month, v_transfer_id, 'member', p_unit, p_amount);
    insert into account as a (member_id, unit, posted) values (v_member_id, p_unit, greatest(p_amount, 0))
    on conflict (member_id, unit) do update set posted = a.posted + p_amount;
  end if;
  if v_debt <> p_amount then
    insert into entry (member_id, month, transfer_id, account, unit, amount)
    values (v_member_id, v_month, v_transfer_id, p_account, p_unit, v_debt - p_amount);
  end if;
  if v_debt <> 0 then
    insert into entry (member_id, month, transfer_id, account, unit, amount)
    values (v_member_id, v_month, v_transfer_id, 'debt', p_unit, -v_debt);
  end if;
  return v_transfer_id;
end $$;

-- A lot that a transfer brought.
create function lot_made(
  p_member_id bigint, p_transfer_id bigint, p_unit text, p_amount bigint, p_at timestamptz, p_expires_at timestamptz,
  p_available_at timestamptz
) returns void
language sql
as $$
  insert into lot (member_id, unit, amount, remaining, earned_at, expires_at, available_at, transfer_id)
  values (p_member_id, p_unit, p_amount, p_amount, p_at, p_expires_at, p_available_at, p_transfer_id)
$$;

-- Take from lots what a transfer says it takes.
create function lots_used(p_member_id bigint, p_transfer_id bigint, p_lot_ids bigint[], p_amounts bigint[]) returns void
language sql
as $$
  with used as (
    insert into lot_use (member_id, transfer_id, lot_id, amount)
    select p_member_id, p_transfer_id, u.lot_id, u.amount from unnest(p_lot_ids, p_amounts) as u (lot_id, amount)
    returning lot_id, amount
  )
  update lot l set remaining = l.remaining - u.amount
    from used u where l.member_id = p_member_id and l.lot_id = u.lot_id
$$;

-- What is over and not held of a lot becomes breakage; nothing happens where nothing is left.
create function lot_expired(p_item jsonb, p_lot_id bigint) returns bigint
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_lot record;
begin
  select l.unit, l.remaining - l.held as free into v_lot
    from lot l where l.member_id = v_member_id and l.lot_id = p_lot_id;
  if v_lot.free = 0 then
    return 0;
  end if;
  perform lots_used(
    v_member_id,
    booked(p_item, 'expiry', v_lot.unit, -v_lot.free, 'breakage',
           jsonb_build_object('key', 'expiry:' || p_lot_id, 'reason', 'expiry')),
    array[p_lot_id], array[v_lot.free]);
  return v_lot.free;
end $$;

-- Points return to a lot: they were held, or a refund gives them back. In one that is over they live on for a while, and
-- what else was free in it expires first.
create function lot_returned(p_item jsonb, p_lot_id bigint, p_at timestamptz) returns void
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_ends_at timestamptz;
begin
  select l.ends_at into v_ends_at from lot l where l.member_id = v_member_id and l.lot_id = p_lot_id;
  if v_ends_at <= p_at then
    perform lot_expired(p_item, p_lot_id);
    update lot set grace_until = p_at + make_interval(secs => (p_item->>'grace_s')::integer)
     where member_id = v_member_id and lot_id = p_lot_id;
  end if;
end $$;

-- A member in debt repays from whatever can be spent.
create function debt_repaid(p_item jsonb, p_unit text) returns void
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_debt bigint;
  v_lot_ids bigint[];
  v_amounts bigint[];
  v_taken bigint;
begin
  select a.debt into v_debt from account a where a.member_id = v_member_id and a.unit = p_unit;
  if v_debt is null or v_debt = 0 then
    return;
  end if;
  select array_agg(f.lot_id), array_agg(f.amount), coalesce(sum(f.amount), 0) into v_lot_ids, v_amounts, v_taken
    from lots_for(v_member_id, p_unit, v_debt, (p_item->>'at')::timestamptz, null) as f;
  if v_taken > 0 then
    perform lots_used(
      v_member_id,
      booked(p_item, 'repayment', p_unit, -v_taken, 'debt', '{"key": "repayment", "reason": "repayment"}'),
      v_lot_ids, v_amounts);
    update account set debt = debt - v_taken where member_id = v_member_id and unit = p_unit;
  end if;
end $$;

-- Whether a kill switch stops any of these.
create function thrown(p_names text[]) returns boolean language sql stable
as $$ select exists (select from switch s where s.name = any (p_names)) $$;

-- One line of the audit log. No number, no code, no text may be among the facts.
create function audit(p_at timestamptz, p_actor text, p_action text, p_subject text, p_facts jsonb) returns void
language sql
as $$
  insert into audit_log (at, actor, action, subject, facts) values (p_at, p_actor, p_action, p_subject, p_facts)
$$;

-- A primitive's answer, kept under its key: the result, and what else there is to say (ids, and `facts` for texts).
create function answered(p_item jsonb, p_result text, p_more jsonb) returns jsonb
language plpgsql
as $$
declare
  v_outcome constant jsonb := jsonb_build_object('result', p_result) || p_more;
begin
  perform remember_answer(p_item, v_outcome);
  return v_outcome;
end $$;
