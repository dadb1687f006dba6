-- The deployment itself: its clock and its packs.

-- How far programme time runs ahead, in seconds; nothing (no row) where the database was not made with --demo.
create function clock_offset() returns bigint language sql stable
as $$ select d.clock_offset_s from deployment d where d.demo $$;

-- Move programme time forward, never back; the new offset, or null where there is no virtual clock.
create function clock_advance(p_advance_s bigint) returns bigint language plpgsql
as $$
declare
  v_offset bigint;
begin
  if p_advance_s < 0 then
    raise exception 'programme time only moves forward' using errcode = 'invalid_parameter_value';
  end if;
  update deployment set clock_offset_s = clock_offset_s + p_advance_s where demo returning clock_offset_s into v_offset;
  return v_offset;
end $$;

-- The id of a pack's exact files; they are kept the first time.
create function pack_version_of(p_digest text, p_files jsonb, p_at timestamptz) returns integer language plpgsql
as $$
declare
  v_id integer;
begin
  select p.pack_version_id into v_id from pack_version p where p.digest = p_digest;
  if not found then
    insert into pack_version (digest, files, first_used_at) values (p_digest, p_files, p_at)
    on conflict (digest) do update set digest = excluded.digest
    returning pack_version_id into v_id;
  end if;
  return v_id;
end $$;

-- The files of a pack by digest: a session keeps the menu that it began with.
create function pack_files(p_digest text) returns jsonb language sql stable
as $$ select p.files from pack_version p where p.digest = p_digest $$;
