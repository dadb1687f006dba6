-- The latest movements of members, newest first: at most `p_counts[i]` for the i-th. `line` orders each one's.
-- Reads month by month from the newest backward and stops when it has enough, however long the journal is.
create function statements(p_member_ids bigint[], p_counts integer[])
returns table (ord integer, line integer, at timestamptz, unit text, amount bigint, reason text, kind text)
language sql stable
as $$
  select q.ord::integer, row_number() over (partition by q.ord order by t.month desc, t.transfer_id desc)::integer,
         t.at, t.unit, t.amount, t.reason, t.kind
    from unnest(p_member_ids, p_counts) with ordinality as q (member_id, count, ord)
    cross join lateral (
      select j.month, j.transfer_id, j.at, j.unit, j.amount, j.reason, j.kind
        from transfer j
       where j.member_id = q.member_id
       order by j.month desc, j.transfer_id desc
       limit q.count
    ) as t
$$;
