-- A member as staff sees one: the whole account, the statement page by page, and the block list.

-- A member's sums by unit: what can be spent, what is held, what is pending, what expires next, what is owed.
create function balances_of(p_member_id bigint, p_at timestamptz) returns table (unit text, balance jsonb)
language sql stable
as $$
  select a.unit, jsonb_build_object(
           'unit', a.unit, 'available', available(p_member_id, a.unit, p_at), 'held', a.held, 'debt', a.debt,
           'pending', coalesce(sum(l.remaining - l.held) filter (where l.available_at > p_at), 0),
           'expiring', coalesce(sum(l.remaining - l.held) filter (where l.ends_at = n.ends_at), 0),
           'expires_at', n.ends_at)
    from account a
    cross join lateral (
      select min(e.ends_at) as ends_at
        from lot e
       where e.member_id = p_member_id and e.unit = a.unit and e.remaining > e.held and e.ends_at > p_at
         and (e.available_at is null or e.available_at <= p_at)
    ) as n
    left join lot l on l.member_id = p_member_id and l.unit = a.unit and l.remaining > 0
                   and (l.ends_at is null or l.ends_at > p_at)
   where a.member_id = p_member_id
   group by a.unit, a.held, a.debt, n.ends_at
$$;

-- A member's lots that have something left, in spending order.
create function lots_of(p_member_id bigint, p_count integer) returns table (place bigint, lot jsonb)
language sql stable
as $$
  select row_number() over (order by l.unit, l.priority, l.ends_at nulls last, l.earned_at, l.lot_id),
         jsonb_build_object(
           'unit', l.unit, 'amount', l.amount, 'remaining', l.remaining, 'held', l.held, 'earned_at', l.earned_at,
           'available_at', l.available_at, 'ends_at', l.ends_at, 'transfer_id', l.transfer_id)
    from lot l
   where l.member_id = p_member_id and l.remaining > 0
   order by l.unit, l.priority, l.ends_at nulls last, l.earned_at, l.lot_id
   limit p_count
$$;

-- Everything of a member at a moment; no row for a number that is nobody's. Lots in spending order, so many at most.
create function member_whole(p_number_digests bytea[], p_at timestamptz, p_lots integer) returns table (
  member_id bigint, status text, language text, tier text, segments text[], enrolled_at timestamptz, terms_version text,
  terms_accepted_at timestamptz, balances jsonb, lots jsonb, holds jsonb, lock jsonb
)
language sql stable
as $$
  select m.member_id, m.status, m.language, m.tier, m.segments, m.enrolled_at, m.terms_version, m.terms_accepted_at,
         (select coalesce(jsonb_agg(b.balance order by b.unit), '[]') from balances_of(m.member_id, p_at) as b),
         (select coalesce(jsonb_agg(l.lot order by l.place), '[]') from lots_of(m.member_id, p_lots) as l),
         (select coalesce(jsonb_agg(jsonb_build_object(
                   'hold_id', h.hold_id, 'unit', h.unit, 'amount', h.amount, 'reason', h.reason, 'at', h.at,
                   'expires_at', h.expires_at) order by h.hold_id), '[]')
            from hold h where h.member_id = m.member_id and h.state = 'open'),
         (select jsonb_build_object('since', c.locked_at, 'until', c.locked_until, 'strikes', c.strikes)
            from code_lock c
           where c.member_id = m.member_id and c.locked_at is not null
             and (c.locked_until is null or c.locked_until > p_at))
    from member_number n join member m on m.member_id = n.member_id
   where n.number_digest = any (p_number_digests)
$$;

-- The statement after a place in it, newest first. A movement that comes meanwhile stands before every place.
create function statement_page(p_member_id bigint, p_month date, p_transfer_id bigint, p_count integer) returns table (
  month date, transfer_id bigint, at timestamptz, unit text, amount bigint, kind text, reason text, channel text,
  of_transfer_id bigint
)
language sql stable
as $$
  select t.month, t.transfer_id, t.at, t.unit, t.amount, t.kind, t.reason, t.channel, t.of_transfer_id
    from transfer t
   where t.member_id = p_member_id and t.month <= p_month and (t.month, t.transfer_id) < (p_month, p_transfer_id)
   order by t.month desc, t.transfer_id desc
   limit p_count
$$;

-- Block a number, or let it go on; its status then, and whether that changed it. Who never used the programme is invited
-- again, and no member.
create function number_blocked(
  p_number_digests bytea[], p_blocked boolean, p_actor text, p_reason text, p_at timestamptz
) returns table (status text, changed boolean)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_member_id bigint;
  v_was text;
  v_becomes text;
begin
  select m.member_id, m.status,
         case when p_blocked then 'blocked' when m.status <> 'blocked' then m.status
              when m.terms_version = '' then 'invited' else 'active' end
    into v_member_id, v_was, v_becomes
    from member_number n join member m on m.member_id = n.member_id
   where n.number_digest = any (p_number_digests)
     for no key update of m;
  if not found then
    return;
  end if;
  if v_was <> v_becomes then
    update member m set status = v_becomes where m.member_id = v_member_id;
    perform audit(p_at, p_actor, case when p_blocked then 'block' else 'unblock' end, 'member:' || v_member_id,
                  jsonb_build_object('was', v_was, 'reason', p_reason));
  end if;
  return query select v_becomes, v_was <> v_becomes;
end $$;

-- Batches of gift codes before a place, newest first, with how many of their codes are not as they were issued.
create function code_batches_page(p_before integer, p_count integer) returns table (
  batch_id integer, campaign text, grants jsonb, digits smallint, bound boolean, count integer, state text,
  valid_from timestamptz, valid_until timestamptz, issued_by text, at timestamptz, redeemed bigint, frozen bigint,
  void bigint
)
language sql stable
as $$
  select b.batch_id, b.campaign, b.grants, b.digits, b.bound, b.count, b.state, b.valid_from, b.valid_until, b.issued_by,
         b.at, t.redeemed, t.frozen, t.void
    from (select l.batch_id from code_batch l where l.batch_id < p_before order by l.batch_id desc limit p_count) as page
    join code_batch b on b.batch_id = page.batch_id
    cross join lateral (
      select count(*) filter (where c.state = 'redeemed') as redeemed,
             count(*) filter (where c.state = 'frozen') as frozen,
             count(*) filter (where c.state = 'void') as void
        from gift_code c where c.batch_id = b.batch_id and c.state <> 'active'
    ) as t
   order by b.batch_id desc
$$;
