-- Segments and tiers, as the operator's systems hand them in. Each member's change is a line of the audit log.

-- Put numbers into a segment, and take others out of it: how many were not in before, and how many were. Who is put in and
-- is no member yet is invited (see `invite` for these arguments; `p_removed` are digests under all versions). All members
-- are locked in one order first, so that no two uploads wait for each other.
create function segment_changed(
  p_segment text, p_digests bytea[], p_others bytea[], p_ciphers bytea[], p_key_version smallint, p_language text,
  p_removed bytea[], p_actor text, p_at timestamptz
) returns table (added integer, removed integer)
language plpgsql
as $$
declare
  v_add bigint[] := '{}';
  v_remove bigint[];
  v_more integer;
begin
  if cardinality(p_digests) > 0 then
    v_add := array(
      select i.member_id from invite(p_digests, p_others, p_ciphers, p_key_version, p_language, p_at) as i);
  end if;
  v_remove := array(select n.member_id from member_number n where n.number_digest = any (p_removed));
  perform from member m where m.member_id = any (v_add || v_remove) order by m.member_id for no key update;
  v_add := array(
    select m.member_id from member m where m.member_id = any (v_add) and not p_segment = any (m.segments));
  v_remove := array(
    select m.member_id from member m where m.member_id = any (v_remove) and p_segment = any (m.segments));
  update member m set segments = array(select s from unnest(m.segments || p_segment) as s order by s)
   where m.member_id = any (v_add);
  update member m set segments = array_remove(m.segments, p_segment) where m.member_id = any (v_remove);
  perform audit(p_at, p_actor, 'join_segment', 'member:' || a.member_id, jsonb_build_object('segment', p_segment))
     from unnest(v_add) as a (member_id);
  perform audit(p_at, p_actor, 'leave_segment', 'member:' || r.member_id, jsonb_build_object('segment', p_segment))
     from unnest(v_remove) as r (member_id);
  v_more := cardinality(v_add) - cardinality(v_remove);
  if v_more <> 0 then
    -- Shared by all who change this segment, so it is the last lock.
    insert into segment_size as s (segment, members) values (p_segment, greatest(v_more, 0))
    on conflict (segment) do update set members = s.members + v_more;
  end if;
  return query select cardinality(v_add), cardinality(v_remove);
end $$;

-- How many members are in each segment that anybody was ever in, those that have not come yet among them.
create function segments_counted() returns table (segment text, members bigint)
language sql stable
as $$ select s.segment, s.members from segment_size s $$;

-- Give a number a tier, or none (null); false when it is nobody's. Who is given one and is no member yet is invited. The
-- first digest is that under the version in force.
create function tier_set(
  p_digests bytea[], p_cipher bytea, p_key_version smallint, p_language text, p_tier text, p_actor text, p_at timestamptz
) returns boolean
language plpgsql
as $$
declare
  v_member_id bigint;
  v_was text;
begin
  if p_tier is not null then
    perform from invite(p_digests[1:1], p_digests[2:], array[p_cipher], p_key_version, p_language, p_at);
  end if;
  select m.member_id, m.tier into v_member_id, v_was
    from member_number n join member m on m.member_id = n.member_id
   where n.number_digest = any (p_digests)
     for no key update of m;
  if not found then
    return false;
  end if;
  if v_was is distinct from p_tier then
    update member m set tier = p_tier where m.member_id = v_member_id;
    perform audit(p_at, p_actor, 'set_tier', 'member:' || v_member_id,
                  jsonb_build_object('tier', p_tier, 'was', v_was));
  end if;
  return true;
end $$;
