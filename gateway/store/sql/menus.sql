-- Menus while they serve: which process serves which version of the pack, and what subscribers do on each screen.

-- A process says what it serves; those that have not been heard of since `p_gone_before` are forgotten. Machine time.
create function pack_serving_told(
  p_process text, p_digest text, p_since timestamptz, p_standing text, p_why text, p_now timestamptz,
  p_gone_before timestamptz
) returns boolean
language sql
as $$
  delete from pack_serving p where p.heard_at < p_gone_before and p.process <> p_process;
  insert into pack_serving (process, digest, since, standing, why, heard_at)
  values (p_process, p_digest, p_since, p_standing, p_why, p_now)
  on conflict (process) do update
    set digest = excluded.digest, since = excluded.since, standing = excluded.standing, why = excluded.why,
        heard_at = excluded.heard_at;
  select true;
$$;

-- What processes serve, as far as they have been heard of since `p_heard_after`.
create function packs_serving(p_heard_after timestamptz) returns table (
  process text, digest text, since timestamptz, standing text, why text, heard_at timestamptz
)
language sql stable
as $$
  select p.process, p.digest, p.since, p.standing, p.why, p.heard_at
    from pack_serving p where p.heard_at >= p_heard_after order by p.process
$$;

-- Every version that was ever served here, newest first.
create function pack_versions_list(p_count integer) returns table (digest text, first_used_at timestamptz, files integer)
language sql stable
as $$
  select p.digest, p.first_used_at, (select count(*)::integer from jsonb_object_keys(p.files))
    from pack_version p order by p.pack_version_id desc limit p_count
$$;

-- What a process has counted on a day so far, by screen: the whole of it, so that it may be sent twice.
-- p_counts: [{day, screen, opened, shown, …}]; a process of a release before this says nothing of `refused`.
create function menu_counts_put(p_process text, p_counts jsonb, p_now timestamptz) returns integer
language plpgsql
as $$
declare
  v_count integer;
begin
  insert into menu_count (day, screen, process, opened, shown, answered, wrong, refused, ended, resumed, hung_up,
                          timed_out, broken, failed, thought_ms, written_at)
  select c.day, c.screen, p_process, c.opened, c.shown, c.answered, c.wrong, coalesce(c.refused, 0), c.ended, c.resumed,
         c.hung_up, c.timed_out, c.broken, c.failed, c.thought_ms, p_now
    from jsonb_to_recordset(p_counts) as c (
      day date, screen text, opened bigint, shown bigint, answered bigint, wrong bigint, refused bigint, ended bigint,
      resumed bigint, hung_up bigint, timed_out bigint, broken bigint, failed bigint, thought_ms bigint)
   order by c.day, c.screen
  on conflict (day, screen, process) do update
    set opened = excluded.opened, shown = excluded.shown, answered = excluded.answered, wrong = excluded.wrong,
        refused = excluded.refused, ended = excluded.ended, resumed = excluded.resumed, hung_up = excluded.hung_up,
        timed_out = excluded.timed_out, broken = excluded.broken, failed = excluded.failed,
        thought_ms = excluded.thought_ms, written_at = excluded.written_at;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- What a process has counted on a day so far by name, in the same manner. p_counts: [{day, kind, name, count}].
create function menu_named_put(p_process text, p_counts jsonb, p_now timestamptz) returns integer
language plpgsql
as $$
declare
  v_count integer;
begin
  insert into menu_named_count (day, kind, name, process, count, written_at)
  select c.day, c.kind, c.name, p_process, c.count, p_now
    from jsonb_to_recordset(p_counts) as c (day date, kind text, name text, count bigint)
   order by c.day, c.kind, c.name
  on conflict (day, kind, name, process) do update set count = excluded.count, written_at = excluded.written_at;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- Add up the rows of processes for the days before `p_before`, which none of them writes any more: not those that were
-- written since `p_written_before` (machine time), since a demo's days may end at once. How many rows went.
create function menu_counts_folded(p_before date, p_written_before timestamptz) returns bigint
language sql
as $$
  with gone as (
    delete from menu_count m
     where m.day < p_before and m.process <> '' and m.written_at < p_written_before
    returning *
  ), summed as (
    insert into menu_count as m (day, screen, process, opened, shown, answered, wrong, refused, ended, resumed, hung_up,
                                 timed_out, broken, failed, thought_ms, written_at)
    select g.day, g.screen, '', sum(g.opened), sum(g.shown), sum(g.answered), sum(g.wrong), sum(g.refused), sum(g.ended),
           sum(g.resumed), sum(g.hung_up), sum(g.timed_out), sum(g.broken), sum(g.failed), sum(g.thought_ms),
           max(g.written_at)
      from gone g group by g.day, g.screen order by g.day, g.screen
    on conflict (day, screen, process) do update
      set opened = m.opened + excluded.opened, shown = m.shown + excluded.shown, answered = m.answered + excluded.answered,
          wrong = m.wrong + excluded.wrong, refused = m.refused + excluded.refused, ended = m.ended + excluded.ended,
          resumed = m.resumed + excluded.resumed, hung_up = m.hung_up + excluded.hung_up,
          timed_out = m.timed_out + excluded.timed_out, broken = m.broken + excluded.broken,
          failed = m.failed + excluded.failed, thought_ms = m.thought_ms + excluded.thought_ms
    returning 1
  ), named_gone as (
    delete from menu_named_count n
     where n.day < p_before and n.process <> '' and n.written_at < p_written_before
    returning *
  ), named_summed as (
    insert into menu_named_count as n (day, kind, name, process, count, written_at)
    select g.day, g.kind, g.name, '', sum(g.count), max(g.written_at)
      from named_gone g group by g.day, g.kind, g.name order by g.day, g.kind, g.name
    on conflict (day, kind, name, process) do update set count = n.count + excluded.count
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from named_gone)
$$;

-- What was counted from a day on up to another, that day too: by day and screen.
create function menu_counts_between(p_from date, p_to date) returns table (
  day date, screen text, opened bigint, shown bigint, answered bigint, wrong bigint, refused bigint, ended bigint,
  resumed bigint, hung_up bigint, timed_out bigint, broken bigint, failed bigint, thought_ms bigint
)
language sql stable
as $$
  select m.day, m.screen, sum(m.opened)::bigint, sum(m.shown)::bigint, sum(m.answered)::bigint, sum(m.wrong)::bigint,
         sum(m.refused)::bigint, sum(m.ended)::bigint, sum(m.resumed)::bigint, sum(m.hung_up)::bigint,
         sum(m.timed_out)::bigint, sum(m.broken)::bigint, sum(m.failed)::bigint, sum(m.thought_ms)::bigint
    from menu_count m where m.day between p_from and p_to group by m.day, m.screen order by m.day, m.screen
$$;

-- What was counted from a day on up to another by name: of ways and of refused inputs.
create function menu_named_between(p_from date, p_to date) returns table (kind text, name text, count bigint)
language sql stable
as $$
  select n.kind, n.name, sum(n.count)::bigint
    from menu_named_count n where n.day between p_from and p_to group by n.kind, n.name order by n.kind, n.name
$$;
