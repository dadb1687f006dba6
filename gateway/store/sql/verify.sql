-- The proof: each row of the result is a fault. An empty result says that the books are right: what the journal, the
-- uses of lots and the holds say, added up from zero, is what accounts, lots, orders and answers hold.

-- The journal by itself, and the sums that are kept of it.
create function journal_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'the entries of a transfer sum to zero', e.member_id, format('transfer %s: %s', e.transfer_id, sum(e.amount))
    from entry e group by e.member_id, e.month, e.transfer_id having sum(e.amount) <> 0
  union all
  select 'a transfer has its member''s entry', t.member_id, format('transfer %s: %s, entry %s', t.transfer_id, t.amount, e.amount)
    from transfer t
    left join entry e on e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
                     and e.account = 'member'
   where coalesce(e.amount, 0) <> t.amount or coalesce(e.unit, t.unit) <> t.unit
  union all
  select 'an entry has its transfer', e.member_id, format('transfer %s', e.transfer_id)
    from entry e
   where not exists (
     select from transfer t where t.member_id = e.member_id and t.month = e.month and t.transfer_id = e.transfer_id)
  union all
  select 'the other side of a transfer is what its kind says', t.member_id,
         format('transfer %s: %s against %s', t.transfer_id, t.kind, e.account)
    from transfer t
    join entry e on e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
    left join transfer c on c.member_id = t.member_id and c.transfer_id = t.of_transfer_id
    left join entry o on o.member_id = c.member_id and o.month = c.month and o.transfer_id = c.transfer_id
                     and o.account <> 'member' and c.kind in ('accrual', 'adjustment')
   where e.account <> 'member'
     and not coalesce(e.account = any (case t.kind
       when 'accrual' then array['issuance', case when e.account like 'partner:_%' then e.account end]
       when 'spend' then array['redemption']
       when 'refund' then array['redemption']
       when 'adjustment' then array['adjustment']
       when 'expiry' then array['breakage']
       when 'repayment' then array['debt']
       when 'reversal' then array['debt', o.account] end), false)
  union all
  select 'an account is the sum of its entries', coalesce(a.member_id, s.member_id),
         format('%s: account %s, entries %s', coalesce(a.unit, s.unit), a.posted, s.amount)
    from account a
    full join (select e.member_id, e.unit, sum(e.amount) as amount from entry e where e.account = 'member' group by 1, 2) s
      on s.member_id = a.member_id and s.unit = a.unit
   where coalesce(a.posted, 0) <> coalesce(s.amount, 0)
  union all
  select 'a debt is the sum of its entries', coalesce(a.member_id, s.member_id),
         format('%s: debt %s, entries %s', coalesce(a.unit, s.unit), a.debt, s.amount)
    from account a
    full join (select e.member_id, e.unit, -sum(e.amount) as amount from entry e where e.account = 'debt' group by 1, 2) s
      on s.member_id = a.member_id and s.unit = a.unit
   where coalesce(a.debt, 0) <> coalesce(s.amount, 0)
  union all
  select 'an account is the sum of its lots', coalesce(a.member_id, l.member_id),
         format('%s: account %s held %s, lots %s held %s', coalesce(a.unit, l.unit), a.posted, a.held, l.remaining, l.held)
    from account a
    full join (select l.member_id, l.unit, sum(l.remaining) as remaining, sum(l.held) as held from lot l group by 1, 2) l
      on l.member_id = a.member_id and l.unit = a.unit
   where coalesce(a.posted, 0) <> coalesce(l.remaining, 0) or coalesce(a.held, 0) <> coalesce(l.held, 0)
$$;

-- Whether points came back to a lot in a stretch of time: from a hold, or by a refund.
create function returned_between(p_member_id bigint, p_lot_id bigint, p_from timestamptz, p_to timestamptz) returns boolean
language sql stable
as $$
  select exists (
    select from hold_lot i join hold h on h.member_id = i.member_id and h.hold_id = i.hold_id
     where i.member_id = p_member_id and i.lot_id = p_lot_id and i.amount > i.captured
       and h.settled_at between p_from and p_to
  ) or exists (
    select from lot_use u join transfer t on t.member_id = u.member_id and t.transfer_id = u.transfer_id
     where u.member_id = p_member_id and u.lot_id = p_lot_id and u.amount < 0 and t.at between p_from and p_to
  )
$$;

-- Lots, and what was taken of them.
create function lot_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'an accrual has its lot', t.member_id,
         format('transfer %s: %s until %s, lot %s until %s', t.transfer_id, t.amount, t.expires_at, l.amount, l.expires_at)
    from transfer t
    left join lot l on l.member_id = t.member_id and l.transfer_id = t.transfer_id
   where (t.kind = 'accrual' or (t.kind = 'adjustment' and t.amount > 0))
     and (l.amount, l.unit, l.earned_at, l.expires_at, l.available_at)
         is distinct from (t.amount, t.unit, t.at, t.expires_at, t.available_at)
  union all
  select 'a lot has its accrual', l.member_id, format('lot %s', l.lot_id)
    from lot l
   where not exists (
     select from transfer t
      where t.member_id = l.member_id and t.transfer_id = l.transfer_id and t.unit = l.unit
        and (t.kind in ('accrual', 'refund') or (t.kind = 'adjustment' and t.amount > 0)))
  union all
  select 'a transfer brings one lot', l.member_id, format('transfer %s: %s lots', l.transfer_id, count(*))
    from lot l group by l.member_id, l.transfer_id having count(*) > 1
  union all
  select 'what remains of a lot is what was not used', l.member_id,
         format('lot %s: %s of %s, used %s', l.lot_id, l.remaining, l.amount, u.amount)
    from lot l
    left join (select u.member_id, u.lot_id, sum(u.amount) as amount from lot_use u group by 1, 2) u
      on u.member_id = l.member_id and u.lot_id = l.lot_id
   where l.remaining <> l.amount - coalesce(u.amount, 0)
  union all
  select 'a transfer took of lots what it moved', t.member_id,
         format('transfer %s: %s, used %s, brought %s', t.transfer_id, t.amount, u.amount, l.amount)
    from transfer t
    left join (select u.member_id, u.transfer_id, sum(u.amount) as amount from lot_use u group by 1, 2) u
      on u.member_id = t.member_id and u.transfer_id = t.transfer_id
    left join (select l.member_id, l.transfer_id, sum(l.amount) as amount from lot l group by 1, 2) l
      on l.member_id = t.member_id and l.transfer_id = t.transfer_id
   where t.amount <> coalesce(l.amount, 0) - coalesce(u.amount, 0)
  union all
  select 'a use of a lot has its transfer', u.member_id, format('transfer %s, lot %s', u.transfer_id, u.lot_id)
    from lot_use u
    left join lot l on l.member_id = u.member_id and l.lot_id = u.lot_id
    left join transfer t on t.member_id = u.member_id and t.transfer_id = u.transfer_id
   where t.unit is null or l.unit is distinct from t.unit
  union all
  select 'what was restored of a spend is what was refunded', s.member_id,
         format('spend %s: restored %s, refunded %s', s.transfer_id, s.restored, coalesce(r.amount, 0))
    from (
      select u.member_id, u.transfer_id, sum(u.restored) as restored from lot_use u group by 1, 2
    ) as s
    full join (
      select t.member_id, t.of_transfer_id, sum(t.amount) as amount from transfer t where t.kind = 'refund' group by 1, 2
    ) as r on r.member_id = s.member_id and r.of_transfer_id = s.transfer_id
   where coalesce(s.restored, 0) <> coalesce(r.amount, 0)
  union all
  select 'a lot lives on only after a return', l.member_id, format('lot %s: until %s', l.lot_id, l.grace_until)
    from lot l
   where l.grace_until is not null and not returned_between(l.member_id, l.lot_id, l.expires_at, l.grace_until)
$$;

-- When lots were used: nothing was spent before it could be or after it was over, nothing expired before its time. What
-- was held is judged by when it was held. A reversal takes its own lot, pending or not.
create function moment_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  with used as (
    select u.member_id, u.lot_id, u.transfer_id, t.kind, coalesce(h.at, t.at) as at, l.expires_at, l.ends_at,
           l.available_at, l.transfer_id is distinct from t.of_transfer_id as of_another
      from lot_use u
      join transfer t on t.member_id = u.member_id and t.transfer_id = u.transfer_id
      join lot l on l.member_id = u.member_id and l.lot_id = u.lot_id
      left join hold h on h.member_id = t.member_id and h.hold_id = t.hold_id
     where u.amount > 0
    union all
    select i.member_id, i.lot_id, null, 'hold', h.at, l.expires_at, l.ends_at, l.available_at, true
      from hold_lot i
      join hold h on h.member_id = i.member_id and h.hold_id = i.hold_id
      join lot l on l.member_id = i.member_id and l.lot_id = i.lot_id
  )
  select 'nothing is spent of a lot that is pending', u.member_id, format('%s %s, lot %s', u.kind, u.transfer_id, u.lot_id)
    from used u where u.kind <> 'expiry' and u.of_another and u.available_at > u.at
  union all
  select 'nothing is spent of a lot that is over', u.member_id, format('%s %s, lot %s', u.kind, u.transfer_id, u.lot_id)
    from used u
   where u.kind <> 'expiry' and u.expires_at <= u.at
     and (u.ends_at <= u.at or not returned_between(u.member_id, u.lot_id, u.expires_at, u.at))
  union all
  select 'a lot expires after its end', u.member_id, format('transfer %s, lot %s', u.transfer_id, u.lot_id)
    from used u where u.kind = 'expiry' and coalesce(u.expires_at > u.at, true)
$$;

-- Holds, their lots, and what was captured.
create function hold_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'a hold is the sum of its lots', h.member_id,
         format('hold %s: %s captured %s, lots %s captured %s', h.hold_id, h.amount, h.captured, i.amount, i.captured)
    from hold h
    left join (
      select i.member_id, i.hold_id, sum(i.amount) as amount, sum(i.captured) as captured from hold_lot i group by 1, 2
    ) as i on i.member_id = h.member_id and i.hold_id = h.hold_id
   where (h.amount, h.captured) is distinct from (i.amount, i.captured)
  union all
  select 'an account holds what its open holds do', coalesce(a.member_id, h.member_id),
         format('%s: account %s, holds %s', coalesce(a.unit, h.unit), a.held, h.amount)
    from account a
    full join (
      select h.member_id, h.unit, sum(h.amount) as amount from hold h where h.state = 'open' group by 1, 2
    ) as h on h.member_id = a.member_id and h.unit = a.unit
   where coalesce(a.held, 0) <> coalesce(h.amount, 0)
  union all
  select 'a lot holds what its open holds do', coalesce(l.member_id, i.member_id),
         format('lot %s: %s, holds %s', coalesce(l.lot_id, i.lot_id), l.held, i.amount)
    from lot l
    full join (
      select i.member_id, i.lot_id, sum(i.amount) as amount
        from hold_lot i join hold h on h.member_id = i.member_id and h.hold_id = i.hold_id
       where h.state = 'open' group by 1, 2
    ) as i on i.member_id = l.member_id and i.lot_id = l.lot_id
   where coalesce(l.held, 0) <> coalesce(i.amount, 0)
  union all
  select 'a captured hold has one spend, and no other has any', h.member_id,
         format('hold %s: %s, captured %s, spends %s', h.hold_id, h.state, h.captured, s.amounts)
    from hold h
    cross join lateral (
      select coalesce(array_agg(-t.amount), '{}') as amounts
        from transfer t
       where t.member_id = h.member_id and t.hold_id = h.hold_id and t.kind = 'spend' and t.unit = h.unit
    ) as s
   where s.amounts <> case h.state when 'captured' then array[h.captured] else '{}' end
  union all
  select 'what a spend took of held lots is what was captured', coalesce(i.member_id, u.member_id),
         format('lot %s: captured %s, used %s', coalesce(i.lot_id, u.lot_id), i.captured, u.amount)
    from (
      select i.member_id, i.hold_id, i.lot_id, i.captured from hold_lot i where i.captured > 0
    ) as i
    full join (
      select u.member_id, t.hold_id, u.lot_id, u.amount
        from lot_use u join transfer t on t.member_id = u.member_id and t.transfer_id = u.transfer_id
       where t.hold_id is not null
    ) as u on u.member_id = i.member_id and u.hold_id = i.hold_id and u.lot_id = i.lot_id
   where i.captured is distinct from u.amount
  union all
  select 'a spend names a hold that there is', t.member_id, format('transfer %s', t.transfer_id)
    from transfer t
   where t.hold_id is not null
     and not exists (select from hold h where h.member_id = t.member_id and h.hold_id = t.hold_id)
  union all
  select 'a hold ends after it was placed, and by its time-out', h.member_id, format('hold %s: %s', h.hold_id, h.state)
    from hold h
   where h.settled_at < h.at or h.settled_at > h.expires_at
      or (h.state = 'timed_out' and h.settled_at is distinct from h.expires_at)
$$;

-- Refunds and reversals against what they correct.
create function correction_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'a correction names what it corrects', t.member_id, format('transfer %s: %s of %s', t.transfer_id, t.kind, c.kind)
    from transfer t
    left join transfer c on c.member_id = t.member_id and c.transfer_id = t.of_transfer_id and c.unit = t.unit
   where not coalesce(case t.kind
     when 'refund' then c.kind = 'spend' and t.amount > 0
     when 'reversal' then (c.kind = 'accrual' or (c.kind = 'adjustment' and c.amount > 0)) and t.amount <= 0
     else t.of_transfer_id is null and t.shortfall = 0 end, false)
  union all
  select 'an accrual is not taken back twice', c.member_id, format('transfer %s: %s of %s', c.transfer_id, r.amount, c.amount)
    from transfer c
    join (
      select t.member_id, t.of_transfer_id, sum(t.shortfall - t.amount) as amount
        from transfer t where t.kind = 'reversal' group by 1, 2
    ) as r on r.member_id = c.member_id and r.of_transfer_id = c.transfer_id
   where r.amount > c.amount
  union all
  select 'a spend is not given back twice', c.member_id, format('transfer %s: %s of %s', c.transfer_id, r.amount, -c.amount)
    from transfer c
    join (
      select t.member_id, t.of_transfer_id, sum(t.amount) as amount from transfer t where t.kind = 'refund' group by 1, 2
    ) as r on r.member_id = c.member_id and r.of_transfer_id = c.transfer_id
   where r.amount > -c.amount
  union all
  select 'a debt is a shortfall that was not let go', e.member_id,
         format('transfer %s: shortfall %s, debt %s', e.transfer_id, t.shortfall, -e.amount)
    from entry e
    join transfer t on t.member_id = e.member_id and t.month = e.month and t.transfer_id = e.transfer_id
   where e.account = 'debt' and t.kind = 'reversal' and -e.amount <> t.shortfall
$$;

-- Keys and their answers; events and theirs. What time did by itself (expiry, repayment) has no key of its own.
create function key_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'a transfer has its key, and a key moves points once', t.member_id, format('key %s: %s transfers', t.key, count(*))
    from transfer t
    left join idempotency i on i.member_id = t.member_id and i.key = t.key
   where t.kind not in ('expiry', 'repayment')
   group by t.member_id, t.key having count(*) > 1 or count(i.key) = 0
  union all
  select 'what time did says so', t.member_id, format('transfer %s: %s', t.transfer_id, t.key)
    from transfer t
   where (t.kind = 'repayment' and t.key <> 'repayment')
      or (t.kind = 'expiry' and not exists (
           select from lot_use u
            where u.member_id = t.member_id and u.transfer_id = t.transfer_id and t.key = 'expiry:' || u.lot_id))
  union all
  select 'what a key was answered is what it moved', i.member_id, format('key %s', i.key)
    from idempotency i
    left join transfer t on t.member_id = i.member_id and t.transfer_id = (i.outcome->>'transfer_id')::bigint
   where i.outcome ? 'transfer_id'
     and not coalesce(
       t.key = i.key and t.unit = coalesce(i.outcome->>'unit', t.unit)
       and t.amount = coalesce((i.outcome->>'amount')::bigint, abs(t.amount))
                      * case when i.outcome->>'result' in ('spent', 'captured', 'reversed', 'delivered') then -1 else 1 end
       and t.shortfall = coalesce((i.outcome->>'shortfall')::bigint, 0), false)
  union all
  select 'what a key moved is what it was answered', t.member_id, format('transfer %s: key %s', t.transfer_id, t.key)
    from transfer t
    join idempotency i on i.member_id = t.member_id and i.key = t.key
   where t.kind not in ('expiry', 'repayment')
     and (i.outcome->>'transfer_id')::bigint is distinct from t.transfer_id
     and not exists (
       select from reward_order o where o.order_id = (i.outcome->>'order_id')::bigint and o.transfer_id = t.transfer_id)
  union all
  select 'what a key was answered is what it holds', coalesce(h.member_id, i.member_id), format('hold %s', h.hold_id)
    from hold h
    full join (
      select i.member_id, i.key, i.outcome from idempotency i where i.outcome ? 'hold_id'
    ) as i on i.member_id = h.member_id and (i.outcome->>'hold_id')::bigint = h.hold_id
    left join reward_order o on o.member_id = h.member_id and o.hold_id = h.hold_id
   where h.key is distinct from coalesce(i.key, o.key)
  union all
  select 'what an event was answered is what it earned', e.member_id, format('event %s of %s', e.event_id, e.source)
    from source_event e
    cross join jsonb_array_elements(e.outcome->'earned') as x
    left join transfer t on t.member_id = e.member_id and t.transfer_id = (x->>'transfer_id')::bigint
   where t.amount is distinct from (x->>'amount')::bigint or t.unit is distinct from x->>'unit'
  union all
  select 'what an event earned comes from whoever gives it', e.member_id,
         format('transfer %s: from %s, partner %s', i.transfer_id, i.account, e.outcome->>'partner')
    from source_event e
    cross join jsonb_array_elements(e.outcome->'earned') as x
    join entry i on i.member_id = e.member_id and i.transfer_id = (x->>'transfer_id')::bigint and i.account <> 'member'
   where i.account <> giver(e.outcome->>'partner')
  union all
  select 'what an event earned is what it was answered', t.member_id, format('transfer %s', t.transfer_id)
    from transfer t
   where starts_with(t.key, 'event:') and not exists (
     select from source_event e cross join jsonb_array_elements(e.outcome->'earned') as x
      where e.member_id = t.member_id and (x->>'transfer_id')::bigint = t.transfer_id)
$$;

-- Orders: what was paid, what was handed on, and what was quoted.
create function order_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'an order is paid when it is delivered, held for until then, and not otherwise', o.member_id,
         format('order %s: %s, hold %s', o.order_id, o.state, h.state)
    from reward_order o
    left join hold h on h.member_id = o.member_id and h.hold_id = o.hold_id
    left join transfer t on t.member_id = o.member_id and t.transfer_id = o.transfer_id
   where not coalesce(case
     when o.price = 0 then o.hold_id is null and o.transfer_id is null
     else (h.unit, h.amount) = (o.unit, o.price) and case
       when o.state = 'delivered' then
         h.state = 'captured' and (t.kind, t.hold_id, t.amount) = ('spend', o.hold_id, -o.price)
       when o.state in ('refused', 'expired') then h.state = 'released' and o.transfer_id is null
       else h.state = 'open' and h.expires_at is null and o.transfer_id is null end end, false)
  union all
  select 'a hold is for one order', o.member_id, format('hold %s: %s orders', o.hold_id, count(*))
    from reward_order o where o.hold_id is not null group by o.member_id, o.hold_id having count(*) > 1
  union all
  select 'a quote is confirmed by its order, and by one', q.member_id, format('quote %s: order %s', q.key, q.order_id)
    from quote q
    left join reward_order o on o.order_id = q.order_id
   where q.order_id is not null
     and (not coalesce(
            (o.member_id, o.reward, o.unit, o.price) = (q.member_id, q.reward, q.unit, q.price)
            and o.at >= q.at and o.at < q.expires_at, false)
          or exists (
            select from quote r where r.order_id = q.order_id and (r.member_id, r.key) <> (q.member_id, q.key)))
  union all
  select 'an order has its voucher', o.member_id, format('order %s: voucher %s', o.order_id, o.voucher_id)
    from reward_order o
    left join voucher v on v.reward = o.reward and v.voucher_id = o.voucher_id
   where (o.voucher_id is not null or o.fulfilment = 'voucher') and v.order_id is distinct from o.order_id
  union all
  -- Member 0: it went to nobody whom there is.
  select 'a voucher goes to its order', coalesce(o.member_id, 0), format('voucher %s: order %s', v.voucher_id, v.order_id)
    from voucher v
    left join reward_order o on o.order_id = v.order_id
   where v.order_id is not null and (o.reward, o.voucher_id) is distinct from (v.reward, v.voucher_id)
  union all
  select 'a key was answered its order', o.member_id, format('order %s: key %s', o.order_id, o.key)
    from reward_order o
   where not exists (
     select from idempotency i
      where i.member_id = o.member_id and i.key = o.key and (i.outcome->>'order_id')::bigint = o.order_id)
  union all
  select 'a key that was answered an order has one', i.member_id, format('key %s', i.key)
    from idempotency i
   where i.outcome ? 'order_id' and not exists (
     select from reward_order o
      where o.member_id = i.member_id and o.order_id = (i.outcome->>'order_id')::bigint)
$$;

-- Member 0: it is nobody's alone.
create function segment_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'a segment has as many members as it says', 0::bigint,
         format('%s: says %s, has %s', coalesce(s.segment, c.segment), s.members, c.members)
    from segment_size s
    full join (
      select u.segment, count(*) as members
        from member m cross join unnest(m.segments) as u (segment) group by u.segment) as c
      on c.segment = s.segment
   where coalesce(s.members, 0) <> coalesce(c.members, 0)
$$;

create function ledger_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select f.invariant, f.member_id, f.detail from journal_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from lot_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from moment_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from hold_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from correction_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from key_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from order_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from code_faults() as f
  union all
  select f.invariant, f.member_id, f.detail from segment_faults() as f
$$;
