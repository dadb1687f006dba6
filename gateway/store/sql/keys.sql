-- Keys by version: what a process must hold, which version is in force, and how rows come under another (decision 0015).

-- What this database is, and whether the caller may serve it: versions that it lacks, or has otherwise, are missing.
-- The first caller's highest versions are those that the database begins with.
create function deployment_seen(
  p_number_versions smallint[], p_number_checks bytea[], p_code_versions smallint[], p_code_checks bytea[]
) returns table (
  demo boolean, number_keys_missing smallint[], code_keys_missing smallint[], number_key smallint, code_key smallint,
  request_key_cipher bytea, request_key_version smallint
)
language plpgsql
as $$
#variable_conflict use_column
begin
  if not exists (select from number_key) then
    insert into number_key (key_version, key_check, in_force)
    select h.version, h.key_check, true from unnest(p_number_versions, p_number_checks) as h (version, key_check)
     order by h.version desc limit 1
        on conflict do nothing;
  end if;
  if not exists (select from code_key k where k.in_force) then
    insert into code_key (key_version, key_check, in_force)
    select h.version, h.key_check, true from unnest(p_code_versions, p_code_checks) as h (version, key_check)
     order by h.version desc limit 1
        on conflict do nothing;
  end if;
  return query
    select d.demo,
           array(select k.key_version from number_key k
                  where not exists (
                    select from unnest(p_number_versions, p_number_checks) as h (version, key_check)
                     where h.version = k.key_version and h.key_check = k.key_check)),
           array(select k.key_version from code_key k
                  where not k.retired and not exists (
                    select from unnest(p_code_versions, p_code_checks) as h (version, key_check)
                     where h.version = k.key_version and h.key_check = k.key_check)),
           (select k.key_version from number_key k where k.in_force),
           (select k.key_version from code_key k where k.in_force),
           d.request_key_cipher, d.request_key_version
      from deployment d;
end $$;

-- The sealed key of requests: the first that is offered, for ever.
create function request_key_kept(p_cipher bytea, p_version smallint)
returns table (request_key_cipher bytea, request_key_version smallint)
language plpgsql
as $$
#variable_conflict use_column
begin
  update deployment set request_key_cipher = p_cipher, request_key_version = p_version where request_key_cipher is null;
  return query select d.request_key_cipher, d.request_key_version from deployment d;
end $$;

-- What a version of the code key still opens: codes that may be redeemed yet, and orders that wait to be handed over. An
-- order from before its version was noted may be under any.
create function code_key_rows(p_version smallint, p_at timestamptz) returns bigint
language sql stable
as $$
  select (select count(*) from gift_code c join code_batch b on b.batch_id = c.batch_id
           where c.key_version = p_version and c.state in ('active', 'frozen') and b.state <> 'void'
             and b.valid_until > p_at)
         + (select count(*) from reward_order o
             where o.state = 'ready' and coalesce(o.handover_key_version, p_version) = p_version)
$$;

-- Versions, and what is under each: numbers and everything sealed, or gift codes that are alive.
create function key_versions_seen(p_at timestamptz) returns table (
  purpose text, key_version smallint, in_force boolean, retired boolean, rows bigint
)
language sql stable
as $$
  select 'numbers', k.key_version, k.in_force, false,
         (select count(*) from member_number n where n.key_version = k.key_version)
         + (select count(*) from voucher v where v.key_version = k.key_version)
         + (select count(*) from inbox i where i.content_cipher is not null and i.content_key_version = k.key_version)
         + (select count(*) from inbox_part p where p.content_key_version = k.key_version)
         + (select count(*) from outbox o cross join lateral jsonb_each(o.facts->'sealed') as s (name, seal)
             where o.facts ? 'sealed' and (s.seal->>1)::smallint = k.key_version)
    from number_key k
  union all
  select 'codes', k.key_version, k.in_force, k.retired, code_key_rows(k.key_version, p_at) from code_key k
   order by 1 desc, 2
$$;

-- Who is connected, by the name that says which versions a process holds.
create function gateways_connected() returns table (process_name text, address text, connections bigint)
language sql stable
as $$
  select a.application_name, coalesce(host(a.client_addr), 'this machine'), count(*)
    from pg_stat_activity a
   where a.datname = current_database() and a.application_name like 'gateway holds %'
   group by 1, 2 order by 1, 2
$$;

-- Say that a version is coming: from now on nobody may begin to serve without it. False for another key of its name.
create function key_offered(p_purpose text, p_version smallint, p_check bytea) returns boolean
language plpgsql
as $$
begin
  if p_purpose = 'numbers' then
    insert into number_key (key_version, key_check, in_force) values (p_version, p_check, false) on conflict do nothing;
    return exists (select from number_key k where k.key_version = p_version and k.key_check = p_check);
  end if;
  insert into code_key (key_version, key_check) values (p_version, p_check) on conflict do nothing;
  update code_key set retired = false where key_version = p_version and key_check = p_check and retired;
  return exists (select from code_key k where k.key_version = p_version and k.key_check = p_check);
end $$;

-- Take back what was offered and is not used.
create function key_withdrawn(p_purpose text, p_version smallint) returns boolean
language plpgsql
as $$
begin
  if p_purpose = 'numbers' then
    return number_key_dropped(p_version);
  end if;
  delete from code_key k
   where k.key_version = p_version and not k.in_force
     and not exists (select from gift_code c where c.key_version = p_version);
  return found;
end $$;

-- From now on rows are written under this version. Whoever is writing a number under another ends before it.
create function key_put_in_force(p_purpose text, p_version smallint, p_actor text, p_at timestamptz) returns boolean
language plpgsql
as $$
begin
  if p_purpose = 'numbers' then
    perform pg_advisory_xact_lock(x'6e756d6b6579'::bigint);
    update number_key set in_force = false where in_force;
    update number_key set in_force = true where key_version = p_version;
  else
    update code_key set in_force = false where in_force;
    update code_key set in_force = true where key_version = p_version;
  end if;
  if not found then
    raise exception 'key % of % was not offered', p_version, p_purpose using errcode = 'foreign_key_violation';
  end if;
  perform audit(p_at, p_actor, 'rotate_key', p_purpose || ':' || p_version, '{}');
  return true;
end $$;

-- Numbers that are not under a version yet, after a member.
create function numbers_to_rekey(p_version smallint, p_after bigint, p_count integer)
returns table (id bigint, cipher bytea, key_version smallint, bound_to bytea)
language sql stable
as $$
  select n.member_id, n.number_cipher, n.key_version, n.number_digest
    from member_number n
   where n.member_id > p_after and n.key_version <> p_version
   order by n.member_id limit p_count
$$;

-- Bring numbers under a version. A row that has changed meanwhile is left alone.
create function numbers_rekeyed(
  p_member_ids bigint[], p_was bytea[], p_digests bytea[], p_ciphers bytea[], p_version smallint
) returns bigint
language sql
as $$
  with rekeyed as (
    update member_number n set number_digest = r.digest, number_cipher = r.cipher, key_version = p_version
      from unnest(p_member_ids, p_was, p_digests, p_ciphers) as r (member_id, was, digest, cipher)
     where n.member_id = r.member_id and n.number_digest = r.was
    returning 1
  )
  select count(*) from rekeyed
$$;

-- What is sealed under other versions, after an id: vouchers, texts that were parked, parts of long texts, messages.
-- A `place` is what `seals_renewed` finds it again by.
create function seals_to_renew(p_kind text, p_version smallint, p_after bigint, p_count integer)
returns table (id bigint, place jsonb, cipher bytea, key_version smallint, bound_to bytea)
language sql stable
as $$
  (select v.voucher_id, jsonb_build_object('id', v.voucher_id), v.cipher, v.key_version, v.digest
     from voucher v
    where p_kind = 'voucher' and v.voucher_id > p_after and v.key_version <> p_version
    order by v.voucher_id limit p_count)
  union all
  (select i.inbox_id, jsonb_build_object('id', i.inbox_id), i.content_cipher, i.content_key_version, i.identity
     from inbox i
    where p_kind = 'text' and i.content_cipher is not null and i.inbox_id > p_after
      and i.content_key_version <> p_version
    order by i.inbox_id limit p_count)
  union all
  (select p.member_id, jsonb_build_object('id', p.member_id, 'identity', encode(p.identity, 'hex'), 'part', p.part),
          p.content_cipher, p.content_key_version, p.identity
     from inbox_part p
    where p_kind = 'part' and p.content_key_version <> p_version
    order by p.member_id limit p_count)
  union all
  (select o.message_id, jsonb_build_object('id', o.message_id, 'name', s.name), decode(s.seal->>0, 'hex'),
          (s.seal->>1)::smallint, decode(s.seal->>2, 'hex')
     from outbox o cross join lateral jsonb_each(o.facts->'sealed') as s (name, seal)
    where p_kind = 'message' and o.facts ? 'sealed' and o.message_id > p_after and (s.seal->>1)::smallint <> p_version
    order by o.message_id, s.name limit p_count)
$$;

-- Seal again. What has changed meanwhile is left alone.
create function seals_renewed(p_kind text, p_places jsonb[], p_was bytea[], p_ciphers bytea[], p_version smallint)
returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  if p_kind = 'voucher' then
    update voucher v set cipher = r.cipher, key_version = p_version
      from unnest(p_places, p_was, p_ciphers) as r (place, was, cipher)
     where v.voucher_id = (r.place->>'id')::bigint and v.cipher = r.was;
  elsif p_kind = 'text' then
    update inbox i set content_cipher = r.cipher, content_key_version = p_version
      from unnest(p_places, p_was, p_ciphers) as r (place, was, cipher)
     where i.inbox_id = (r.place->>'id')::bigint and i.content_cipher = r.was;
  elsif p_kind = 'part' then
    update inbox_part p set content_cipher = r.cipher, content_key_version = p_version
      from unnest(p_places, p_was, p_ciphers) as r (place, was, cipher)
     where p.member_id = (r.place->>'id')::bigint and p.identity = decode(r.place->>'identity', 'hex')
       and p.part = (r.place->>'part')::smallint and p.content_cipher = r.was;
  else
    update outbox o
       set facts = jsonb_set(o.facts, array['sealed', r.place->>'name'], jsonb_build_array(
             encode(r.cipher, 'hex'), p_version, o.facts->'sealed'->(r.place->>'name')->2))
      from unnest(p_places, p_was, p_ciphers) as r (place, was, cipher)
     where o.message_id = (r.place->>'id')::bigint
       and o.facts->'sealed'->(r.place->>'name')->>0 = encode(r.was, 'hex');
  end if;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- The key of requests, sealed anew.
create function request_key_renewed(p_cipher bytea, p_version smallint) returns boolean
language plpgsql
as $$
begin
  update deployment set request_key_cipher = p_cipher, request_key_version = p_version
   where request_key_version <> p_version;
  return found;
end $$;

-- Versions that are not in force, which may have nothing under them any more.
create function number_keys_old() returns table (key_version smallint)
language sql stable
as $$ select k.key_version from number_key k where not k.in_force order by k.key_version $$;

-- Messages name versions where no foreign key sees it: those are kept from being dropped until the message is there.
create function keep_seal_keys(p_sealed jsonb) returns void
language plpgsql
as $$
declare
  v_version smallint;
begin
  for v_version in select distinct (s.seal->>1)::smallint from jsonb_each(p_sealed) as s (name, seal) loop
    perform from number_key k where k.key_version = v_version for key share;
    if not found then
      raise exception 'number key % was dropped', v_version using errcode = 'foreign_key_violation';
    end if;
  end loop;
end $$;

-- Forget a version that nothing is under; false where something is.
create function number_key_dropped(p_version smallint) returns boolean
language plpgsql
as $$
begin
  delete from number_key k where k.key_version = p_version and not k.in_force;
  if exists (
    select from outbox o cross join lateral jsonb_each(o.facts->'sealed') as s (name, seal)
     where o.facts ? 'sealed' and (s.seal->>1)::smallint = p_version) then
    raise foreign_key_violation;
  end if;
  return not exists (select from number_key k where k.key_version = p_version);
exception when foreign_key_violation then
  return false;
end $$;

-- Versions of the code key that open nothing any more are retired; which. Who writes codes holds its version shared: the
-- rows are counted when nobody does.
create function code_keys_retired(p_actor text, p_at timestamptz) returns table (key_version smallint)
language plpgsql
as $$
#variable_conflict use_column
begin
  perform from code_key k where not k.in_force and not k.retired for update;
  for key_version in
    update code_key k set retired = true
     where not k.in_force and not k.retired and code_key_rows(k.key_version, p_at) = 0
    returning k.key_version
  loop
    perform audit(p_at, p_actor, 'retire_key', 'codes:' || key_version, '{}');
    return next;
  end loop;
end $$;
