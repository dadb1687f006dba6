-- Daily closings, and seals over the journals: off everybody's way, by jobs.

-- What the next day to close moved, by account and unit; the day, or null when none is over. A day is closed an hour
-- after its end, when all that belongs to it is in.
create function day_closed(p_time_zone text, p_at timestamptz) returns date
language plpgsql
as $$
declare
  v_day date := (select max(c.day) + 1 from closed_day c);
  v_starts_at timestamptz;
  v_ends_at timestamptz;
begin
  if v_day is null then
    v_day := (select min(t.at at time zone p_time_zone)::date from transfer t);
  end if;
  v_starts_at := v_day::timestamp at time zone p_time_zone;
  v_ends_at := (v_day + 1)::timestamp at time zone p_time_zone;
  if v_day is null or v_ends_at > p_at - interval '1 hour' then
    return null;
  end if;
  insert into closed_day (day, time_zone, starts_at, ends_at, at)
  values (v_day, p_time_zone, v_starts_at, v_ends_at, p_at)
  on conflict do nothing;
  if found then
    insert into closing (day, account, unit, amount, entries)
    select v_day, s.account, s.unit, s.amount, s.entries from moved_between(v_starts_at, v_ends_at) as s;
  end if;
  return v_day;
end $$;

-- What moved on every account from a moment to another.
create function moved_between(p_starts_at timestamptz, p_ends_at timestamptz)
returns table (account text, unit text, amount bigint, entries bigint)
language sql stable
as $$
  select e.account, e.unit, sum(e.amount)::bigint, count(*)
    from transfer t
    join entry e on e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id
   where t.month between month_of(p_starts_at) and month_of(p_ends_at) and t.at >= p_starts_at and t.at < p_ends_at
   group by e.account, e.unit
$$;

-- What every account holds: closed days as they were closed, and what moved since.
create function accounts_held(p_at timestamptz) returns table (account text, unit text, amount bigint)
language sql stable
as $$
  select s.account, s.unit, sum(s.amount)::bigint
    from (
      select c.account, c.unit, c.amount from closing c
      union all
      select m.account, m.unit, m.amount
        from moved_between(coalesce((select max(d.ends_at) from closed_day d), '-infinity'), p_at) as m
    ) as s
   group by s.account, s.unit
$$;

-- The rows of a journal between two ids, each as one text that says everything of it.
create function journal_lines(p_journal text, p_after_id bigint, p_last_id bigint, p_count integer)
returns table (id bigint, line text)
language sql stable
as $$
  select t.transfer_id, jsonb_build_array(
           t.transfer_id, t.member_id, t.month, t.kind, t.unit, t.amount, t.reason, t.channel, t.key, t.pack_version_id,
           extract(epoch from t.at), extract(epoch from t.expires_at), extract(epoch from t.available_at),
           t.of_transfer_id, t.hold_id, t.shortfall, (
             select jsonb_agg(jsonb_build_array(e.account, e.unit, e.amount) order by e.account)
               from entry e where e.member_id = t.member_id and e.month = t.month and e.transfer_id = t.transfer_id))::text
    from transfer t
   where p_journal = 'transfer' and t.transfer_id > p_after_id and t.transfer_id <= p_last_id
   union all
  select a.audit_id, jsonb_build_array(a.audit_id, extract(epoch from a.at), a.actor, a.action, a.subject, a.facts)::text
    from audit_log a
   where p_journal = 'audit' and a.audit_id > p_after_id and a.audit_id <= p_last_id
   order by 1
   limit p_count
$$;

-- The digest of a seal over rows that follow another seal's.
create function sealed(p_before bytea, p_lines text[]) returns bytea
language sql immutable
as $$ select sha256(p_before || sha256(convert_to(array_to_string(p_lines, e'\n'), 'UTF8'))) $$;

-- Seal what has come in of a journal and can be preceded by nothing any more, at most so many rows; how many.
create function journal_sealed(p_journal text, p_count integer, p_at timestamptz, p_now timestamptz, p_settles timestamptz)
returns bigint
language plpgsql
as $$
declare
  v_mark record;
  v_last record;
  v_lines text[];
  v_last_id bigint;
begin
  select m.noted_id, m.noted_lease_until into v_mark from seal_mark m where m.journal = p_journal for update;
  if not found then
    perform seal_marked(p_journal, p_settles);
    return 0;
  elsif v_mark.noted_lease_until > p_now then
    return 0;
  end if;
  select s.seal_id, s.last_id, s.digest into v_last
    from seal s where s.journal = p_journal order by s.seal_id desc limit 1;
  select array_agg(j.line order by j.id), max(j.id) into v_lines, v_last_id
    from journal_lines(p_journal, coalesce(v_last.last_id, 0), v_mark.noted_id, p_count) as j;
  if v_lines is not null then
    insert into seal (journal, seal_id, after_id, last_id, rows, digest, at)
    values (p_journal, coalesce(v_last.seal_id, 0) + 1, coalesce(v_last.last_id, 0), v_last_id, cardinality(v_lines),
            sealed(coalesce(v_last.digest, ''), v_lines), p_at);
  end if;
  if v_lines is null or cardinality(v_lines) < p_count then
    perform seal_marked(p_journal, p_settles);
  end if;
  return coalesce(cardinality(v_lines), 0);
end $$;

-- Note how far a journal has come.
create function seal_marked(p_journal text, p_settles timestamptz) returns void
language sql
as $$
  insert into seal_mark (journal, noted_id, noted_lease_until)
  select p_journal, coalesce(case p_journal
           when 'transfer' then (select max(t.transfer_id) from transfer t)
           else (select max(a.audit_id) from audit_log a) end, 0), p_settles
  on conflict (journal) do update set noted_id = excluded.noted_id, noted_lease_until = excluded.noted_lease_until
$$;

-- The proof of closings and seals: each row is a fault.
create function proof_faults() returns table (invariant text, member_id bigint, detail text)
language plpgsql stable
as $$
#variable_conflict use_column
declare
  v_seal record;
  v_before bytea;
  v_ends bigint;
  v_lines text[];
begin
  return query
    select 'a closed day is what moved in it', 0::bigint,
           format('%s %s %s: closed at %s, moved %s', d.day, coalesce(c.account, m.account), coalesce(c.unit, m.unit),
                  c.amount, m.amount)
      from closed_day d
      cross join lateral (
        select s.account, s.unit, s.amount, s.entries from moved_between(d.starts_at, d.ends_at) as s) as m
      full join closing c on c.day = d.day and c.account = m.account and c.unit = m.unit
     where (c.amount, c.entries) is distinct from (m.amount, m.entries);
  for v_seal in select s.journal, s.seal_id, s.after_id, s.last_id, s.digest from seal s order by s.journal, s.seal_id loop
    if v_seal.seal_id = 1 then
      v_before := '';
      v_ends := 0;
    end if;
    v_lines := array(
      select j.line from journal_lines(v_seal.journal, v_seal.after_id, v_seal.last_id, null) as j order by j.id);
    if v_seal.after_id <> v_ends or sealed(v_before, v_lines) <> v_seal.digest then
      invariant := 'a sealed row is as it was written';
      member_id := 0;
      detail := format('journal %s, rows %s to %s', v_seal.journal, v_seal.after_id + 1, v_seal.last_id);
      return next;
    end if;
    v_before := v_seal.digest;
    v_ends := v_seal.last_id;
  end loop;
end $$;

-- The last seal of each journal: what somebody outside may keep, to prove that the chain was not made anew.
create function seal_heads() returns table (journal text, seal_id integer, last_id bigint, digest bytea)
language sql stable
as $$ select distinct on (s.journal) s.journal, s.seal_id, s.last_id, s.digest from seal s order by s.journal, s.seal_id desc $$;
