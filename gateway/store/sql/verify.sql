-- The proof: each row of the result is a fault. An empty result says that the books are right.

create function ledger_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'the entries of a transfer sum to zero', e.member_id, format('transfer %s: %s', e.transfer_id, sum(e.amount))
    from entry e group by e.member_id, e.month, e.transfer_id having sum(e.amount) <> 0
  union all
  select 'a transfer has its member''s entry', t.member_id, format('transfer %s: %s, entry %s', t.transfer_id, t.amount, e.amount)
    from transfer t
    left join entry e on e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
                     and e.account = 'member'
   where e.amount is distinct from t.amount or e.unit is distinct from t.unit
  union all
  select 'an entry has its transfer', e.member_id, format('transfer %s', e.transfer_id)
    from entry e
   where not exists (
     select from transfer t where t.member_id = e.member_id and t.month = e.month and t.transfer_id = e.transfer_id)
  union all
  select 'an account is the sum of its entries', coalesce(a.member_id, s.member_id),
         format('%s: account %s, entries %s', coalesce(a.unit, s.unit), a.posted, s.amount)
    from account a
    full join (select e.member_id, e.unit, sum(e.amount) as amount from entry e where e.account = 'member' group by 1, 2) s
      on s.member_id = a.member_id and s.unit = a.unit
   where coalesce(a.posted, 0) <> coalesce(s.amount, 0)
  union all
  select 'an account is the sum of its lots', coalesce(a.member_id, l.member_id),
         format('%s: account %s held %s, lots %s held %s', coalesce(a.unit, l.unit), a.posted, a.held, l.remaining, l.held)
    from account a
    full join (select member_id, unit, sum(remaining) as remaining, sum(held) as held from lot group by 1, 2) l
      on l.member_id = a.member_id and l.unit = a.unit
   where coalesce(a.posted, 0) <> coalesce(l.remaining, 0) or coalesce(a.held, 0) <> coalesce(l.held, 0)
  union all
  select 'an accrual has its lot', t.member_id,
         format('transfer %s: %s until %s, lot %s until %s', t.transfer_id, t.amount, t.expires_at, l.amount, l.expires_at)
    from transfer t
    left join lot l on l.member_id = t.member_id and l.transfer_id = t.transfer_id
   where t.kind = 'accrual'
     and (l.amount, l.unit, l.earned_at, l.expires_at) is distinct from (t.amount, t.unit, t.at, t.expires_at)
  union all
  select 'a lot has its accrual', l.member_id, format('lot %s', l.lot_id)
    from lot l
   where not exists (select from transfer t where t.member_id = l.member_id and t.transfer_id = l.transfer_id)
  union all
  select 'a transfer has its key, and a key moves points once', t.member_id, format('key %s: %s transfers', t.key, count(*))
    from transfer t
    left join idempotency i on i.member_id = t.member_id and i.key = t.key
   group by t.member_id, t.key having count(*) > 1 or count(i.key) = 0
  union all
  select 'what a key was answered is what it moved', i.member_id, format('key %s', i.key)
    from idempotency i
    left join transfer t on t.member_id = i.member_id and t.transfer_id = (i.outcome->>'transfer_id')::bigint
   where i.outcome ? 'transfer_id'
     and (t.key, t.amount, t.unit) is distinct from (i.key, (i.outcome->>'amount')::bigint, i.outcome->>'unit')
  union all
  select 'what an event was answered is what it earned', e.member_id, format('event %s of %s', e.event_id, e.source)
    from source_event e
    cross join jsonb_array_elements(e.outcome->'earned') as x
    left join transfer t on t.member_id = e.member_id and t.transfer_id = (x->>'transfer_id')::bigint
   where t.amount is distinct from (x->>'amount')::bigint or t.unit is distinct from x->>'unit'
  union all
  select 'what an event earned is what it was answered', t.member_id, format('transfer %s', t.transfer_id)
    from transfer t
   where starts_with(t.key, 'event:') and not exists (
     select from source_event e cross join jsonb_array_elements(e.outcome->'earned') as x
      where e.member_id = t.member_id and (x->>'transfer_id')::bigint = t.transfer_id)
$$;
