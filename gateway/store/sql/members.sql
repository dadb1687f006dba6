-- Who a member is. Every function takes the programme's time; none reads a clock.

-- What a hop needs of members, found by the digest of their numbers: one row for each that is known. Where the caller
-- holds several versions of the key, a number's digests come one after another, and one of them finds it.
-- The arrays are parallel, one element a unit that has anything to spend; an expired lot is not there,
-- whether or not the sweep has come by. `expires_next` is null for units whose lots never expire.
create function members_seen(p_digests bytea[], p_ats timestamptz[])
returns table (
  ord integer, member_id bigint, language text, status text, terms_version text,
  tier text, segments text[], units text[], available bigint[], expiring bigint[], expires_next timestamptz[]
)
language sql stable
as $$
  select q.ord::integer, m.member_id, m.language, m.status, m.terms_version, m.tier, m.segments,
         b.units, b.available, b.expiring, b.expires_next
    from unnest(p_digests, p_ats) with ordinality as q (digest, at, ord)
    join member_number n on n.number_digest = q.digest
    join member m on m.member_id = n.member_id
    cross join lateral (
      select array_agg(u.unit) as units,
             array_agg(u.available) as available,
             array_agg(u.expiring) as expiring,
             array_agg(u.expires_next) as expires_next
        from (
          select d.unit,
                 sum(d.amount)::bigint as available,
                 coalesce((array_agg(d.amount order by d.expires_at) filter (where d.expires_at is not null))[1], 0)::bigint
                   as expiring,
                 min(d.expires_at) as expires_next
            from (
              select l.unit, l.ends_at as expires_at, sum(l.remaining - l.held) as amount
                from lot l
               where l.member_id = m.member_id and l.remaining > 0 and l.remaining > l.held
                 and (l.ends_at is null or l.ends_at > q.at) and (l.available_at is null or l.available_at <= q.at)
               group by l.unit, l.ends_at
            ) as d
           group by d.unit
        ) as u
    ) as b
$$;

-- A member with accounts in each unit; a second call for the same number finds the first one's member. Who was invited
-- becomes one. The first digest is that under the version in force.
create function enrol(
  p_digests bytea[], p_cipher bytea, p_key_version smallint, p_language text, p_units text[],
  p_terms_version text, p_at timestamptz
) returns table (member_id bigint, created boolean)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_member_id bigint;
begin
  select n.member_id into v_member_id from member_number n where n.number_digest = any (p_digests);
  if found then
    update member m
       set status = 'active', language = p_language, enrolled_at = p_at, terms_version = p_terms_version,
           terms_accepted_at = p_at
     where m.member_id = v_member_id and m.status = 'invited';
    return query select v_member_id, found;
    return;
  end if;
  begin
    insert into member (status, language, enrolled_at, terms_version, terms_accepted_at)
    values ('active', p_language, p_at, p_terms_version, p_at)
    returning member.member_id into v_member_id;
    insert into member_number (member_id, number_digest, key_version, number_cipher)
    values (v_member_id, p_digests[1], p_key_version, p_cipher);
  exception when unique_violation then
    -- Another gateway enrolled this number a moment ago: ours is undone, theirs is the member.
    return query select n.member_id, false from member_number n where n.number_digest = any (p_digests);
    return;
  end;
  insert into account (member_id, unit) select v_member_id, u from unnest(p_units) as u;
  return query select v_member_id, true;
end $$;
