-- Batches of gift codes: issued in chunks, worked with by serial number. Whatever staff does is audited with its effect.

create function digests_of(p_digests jsonb) returns bytea[] language sql immutable
as $$ select array(select decode(d.value, 'hex') from jsonb_array_elements_text(p_digests) as d) $$;

-- By which the nth number may be found: its digest, and those under other versions.
create function digests_at(p_digests bytea[], p_others bytea[], p_ord bigint) returns bytea[] language sql immutable
as $$
  select p_digests[p_ord:p_ord] || p_others[(p_ord - 1) * o.each + 1:p_ord * o.each]
    from (select cardinality(p_others) / cardinality(p_digests) as each) as o
$$;

-- Numbers that are sent a code and are no members yet become `invited`. One statement and no subtransaction for all of
-- them: their foreign key is looked at when it ends. Each is looked up in the index, which a join might pass by.
-- `p_others` are the digests of each under the versions that are held beside that in force, one after another; `ord` is
-- from 1.
create function invite(
  p_digests bytea[], p_others bytea[], p_ciphers bytea[], p_key_version smallint, p_language text, p_at timestamptz
) returns table (ord integer, member_id bigint)
language sql
as $$
  with taken as (
    insert into member_number (member_id, number_digest, key_version, number_cipher)
    select nextval(pg_get_serial_sequence('public.member', 'member_id')), n.digest, p_key_version, n.cipher
      from unnest(p_digests, p_ciphers) with ordinality as n (digest, cipher, ord)
     where (select k.member_id from member_number k
             where k.number_digest = any (digests_at(p_digests, p_others, n.ord)) limit 1) is null
     order by n.digest
        on conflict (number_digest) do nothing
    returning member_number.member_id
  )
  insert into member (member_id, status, language, enrolled_at, terms_version, terms_accepted_at)
  overriding system value
  select t.member_id, 'invited', p_language, p_at, '', p_at from taken t;

  select n.ord::integer, k.member_id
    from generate_subscripts(p_digests, 1) as n (ord)
    join member_number k on k.number_digest = any (digests_at(p_digests, p_others, n.ord))
$$;

-- A new batch, of which nothing works yet; asked again with its key, the same. Null where so many bearer codes of this
-- length are alive that one could be guessed. Batch: key, campaign, grants, digits, bound, count, alive_max (null: no
-- matter), valid_from, valid_until, issued_by, at.
create function code_batch_begun(p_batch jsonb) returns integer
language plpgsql
as $$
begin
  if (select coalesce(sum(b.count), 0) + (p_batch->>'count')::bigint > (p_batch->>'alive_max')::bigint
        from code_batch b
       where not b.bound and b.digits = (p_batch->>'digits')::smallint and b.state <> 'void'
         and b.valid_until > (p_batch->>'at')::timestamptz and b.key <> p_batch->>'key') then
    return null;
  end if;
  insert into code_batch (key, campaign, grants, digits, bound, count, valid_from, valid_until, state, issued_by, at)
  values (p_batch->>'key', p_batch->>'campaign', p_batch->'grants', (p_batch->>'digits')::smallint,
          (p_batch->>'bound')::boolean, (p_batch->>'count')::integer, (p_batch->>'valid_from')::timestamptz,
          (p_batch->>'valid_until')::timestamptz, 'issuing', p_batch->>'issued_by', (p_batch->>'at')::timestamptz)
  on conflict (key) do nothing;
  return (select b.batch_id from code_batch b where b.key = p_batch->>'key');
end $$;

-- Something is about to be written under a version of the code key: it is kept from being retired until that is there.
create function keep_code_key(p_version smallint) returns void
language plpgsql
as $$
begin
  perform from code_key k where k.key_version = p_version and not k.retired for share;
  if not found then
    raise exception 'code key % is retired', p_version using errcode = 'object_not_in_prerequisite_state';
  end if;
end $$;

-- Some codes of a batch that is being issued; the ordinals of those that are in. A code that somebody has already, under
-- whatever version of the key, is left out: draw another. Codes: [[ordinal, member_id or null, [digests by version,
-- newest first (hex)]], …].
create function gift_codes_added(p_batch_id integer, p_key_version smallint, p_codes jsonb)
returns table (ordinal integer)
language sql
as $$
  select keep_code_key(p_key_version);

  insert into gift_code (batch_id, ordinal, digest, key_version, member_id)
  select b.batch_id, w.ordinal, w.digests[1], p_key_version, w.member_id
    from code_batch b
    cross join lateral (
      select (c.value->>0)::integer as ordinal, (c.value->>1)::bigint as member_id, digests_of(c.value->2) as digests
        from jsonb_array_elements(p_codes) as c
    ) as w
   where b.batch_id = p_batch_id and b.state = 'issuing'
     and not exists (select from gift_code g where g.member_id = w.member_id and g.digest = any (w.digests))
     and (w.member_id is not null
          or not exists (select from gift_code g where g.member_id is null and g.digest = any (w.digests)))
   order by w.ordinal
      on conflict do nothing;

  select g.ordinal
    from jsonb_array_elements(p_codes) as c
    join gift_code g on g.batch_id = p_batch_id and g.ordinal = (c.value->>0)::integer
   where g.digest = decode(c.value->2->>0, 'hex')
$$;

-- All codes are in, and what they say is in the operator's file: from here on they work. False for another batch.
create function code_batch_activated(p_batch_id integer, p_at timestamptz) returns boolean
language plpgsql
as $$
declare
  v_batch record;
begin
  update code_batch b set state = 'active'
   where b.batch_id = p_batch_id and b.state = 'issuing'
     and b.count = (select count(*) from gift_code c where c.batch_id = p_batch_id)
  returning b.issued_by, b.campaign, b.count, b.grants into v_batch;
  if found then
    perform audit(p_at, v_batch.issued_by, 'issue_codes', 'batch:' || p_batch_id, jsonb_build_object(
      'campaign', v_batch.campaign, 'count', v_batch.count, 'grants', v_batch.grants));
  end if;
  return exists (select from code_batch b where b.batch_id = p_batch_id and b.state = 'active');
end $$;

-- From which states staff may bring a batch or a code to another. What is void, and what was redeemed, stays so.
create function states_before(p_to text) returns text[] language sql immutable
as $$
  select case p_to when 'frozen' then array['active'] when 'active' then array['frozen']
                   when 'void' then array['active', 'frozen'] end
$$;

-- Freeze, unfreeze or void codes of one batch, from one ordinal to another; how many were, and how many could not be.
create function gift_codes_turned(
  p_batch_id integer, p_first integer, p_last integer, p_to text, p_actor text, p_at timestamptz
) returns table (turned bigint, left_alone bigint)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_count bigint;
  v_turned bigint;
begin
  select count(*) into v_count
    from gift_code c where c.batch_id = p_batch_id and c.ordinal between p_first and p_last;
  update gift_code c set state = p_to
   where c.batch_id = p_batch_id and c.ordinal between p_first and p_last and c.state = any (states_before(p_to));
  get diagnostics v_turned = row_count;
  if v_turned > 0 then
    perform audit(p_at, p_actor, 'turn_codes', 'batch:' || p_batch_id, jsonb_build_object(
      'from', p_first, 'to', p_last, 'became', p_to, 'count', v_turned));
  end if;
  return query select v_turned, v_count - v_turned;
end $$;

-- Freeze, unfreeze or void a whole batch; its state afterwards, or no row where there is no such batch. One whose issue
-- broke off can be made void only.
create function code_batch_turned(p_batch_id integer, p_to text, p_actor text, p_at timestamptz)
returns table (state text, turned boolean)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_turned boolean;
begin
  update code_batch b set state = p_to
   where b.batch_id = p_batch_id
     and (b.state = any (states_before(p_to)) or (b.state = 'issuing' and p_to = 'void'));
  v_turned := found;
  if v_turned then
    perform audit(p_at, p_actor, 'turn_batch', 'batch:' || p_batch_id, jsonb_build_object('became', p_to));
  end if;
  return query select b.state, v_turned from code_batch b where b.batch_id = p_batch_id;
end $$;

-- Care has made sure who is asking: the lock ends, and its strikes and the tries so far are forgotten. No row where the
-- number is nobody's.
create function redeeming_unlocked(p_number_digests bytea[], p_actor text, p_at timestamptz)
returns table (was_locked boolean)
language plpgsql
as $$
declare
  v_member_id bigint;
  v_was_locked boolean;
  v_counted_to bigint;
begin
  select m.member_id into v_member_id
    from member m join member_number n on n.member_id = m.member_id
   where n.number_digest = any (p_number_digests)
     for no key update of m;
  if not found then
    return;
  end if;
  v_was_locked := redeeming_locked(jsonb_build_object('member_id', v_member_id, 'at', p_at)) is not null;
  v_counted_to := coalesce((select max(a.attempt_id) from code_attempt a where a.member_id = v_member_id), 0);
  insert into code_lock (member_id, strikes, counted_to) values (v_member_id, 0, v_counted_to)
  on conflict (member_id) do update
    set strikes = 0, locked_at = null, locked_until = null, counted_to = v_counted_to;
  perform audit(p_at, p_actor, 'unlock_redeeming', 'member:' || v_member_id,
                jsonb_build_object('was_locked', v_was_locked));
  return query select v_was_locked;
end $$;

-- Batches, newest first, with how many of their codes are not as they were issued.
create function code_batches_list(p_count integer) returns table (
  batch_id integer, campaign text, grants jsonb, digits smallint, bound boolean, count integer, state text,
  valid_from timestamptz, valid_until timestamptz, issued_by text, at timestamptz, redeemed bigint, frozen bigint,
  void bigint
)
language sql stable
as $$
  select b.batch_id, b.campaign, b.grants, b.digits, b.bound, b.count, b.state, b.valid_from, b.valid_until, b.issued_by,
         b.at, t.redeemed, t.frozen, t.void
    from (select l.batch_id from code_batch l order by l.batch_id desc limit p_count) as latest
    join code_batch b on b.batch_id = latest.batch_id
    cross join lateral (
      select count(*) filter (where c.state = 'redeemed') as redeemed,
             count(*) filter (where c.state = 'frozen') as frozen,
             count(*) filter (where c.state = 'void') as void
        from gift_code c where c.batch_id = b.batch_id and c.state <> 'active'
    ) as t
   order by b.batch_id desc
$$;

-- One code as staff may see it: everything but the code. The number is that of whom it is bound to, or who redeemed it.
create function gift_code_seen(p_batch_id integer, p_ordinal integer) returns table (
  campaign text, grants jsonb, bound boolean, batch_state text, state text, valid_from timestamptz,
  valid_until timestamptz, member_id bigint, number_digest bytea, number_cipher bytea, key_version smallint,
  redeemed_at timestamptz, transfer_id bigint, order_id bigint
)
language sql stable
as $$
  select b.campaign, b.grants, b.bound, b.state, c.state, b.valid_from, b.valid_until, n.member_id, n.number_digest,
         n.number_cipher, n.key_version, c.redeemed_at, c.transfer_id, c.order_id
    from gift_code c
    join code_batch b on b.batch_id = c.batch_id
    left join member_number n on n.member_id = coalesce(c.redeemed_by, c.member_id)
   where c.batch_id = p_batch_id and c.ordinal = p_ordinal
$$;

-- The proof: each row of the result is a fault (see `ledger_faults`).
create function code_faults() returns table (invariant text, member_id bigint, detail text)
language sql stable
as $$
  select 'a redeemed code gave what its batch grants', c.redeemed_by, format('code %s of batch %s', c.ordinal, c.batch_id)
    from gift_code c
    join code_batch b on b.batch_id = c.batch_id
    left join transfer t on t.member_id = c.redeemed_by and t.transfer_id = c.transfer_id
    left join reward_order o on o.order_id = c.order_id
   where c.state = 'redeemed'
     and (case when b.grants ? 'reward'
               then (o.member_id, o.reward, o.price, o.at) is distinct from
                    (c.redeemed_by, b.grants->>'reward', 0::bigint, c.redeemed_at)
               else (t.kind, t.unit, t.amount, t.at) is distinct from
                    ('accrual', b.grants->>'unit', (b.grants->>'amount')::bigint, c.redeemed_at) end)
  union all
  select 'a code was redeemed while it was valid', c.redeemed_by, format('code %s of batch %s', c.ordinal, c.batch_id)
    from gift_code c join code_batch b on b.batch_id = c.batch_id
   where c.state = 'redeemed' and not (c.redeemed_at >= b.valid_from and c.redeemed_at < b.valid_until)
  union all
  select 'what a gift code gave was given by one code', t.member_id, format('transfer %s', t.transfer_id)
    from transfer t
   where t.reason = 'gift_code' and t.kind = 'accrual'
     and 1 <> (select count(*) from gift_code c where c.redeemed_by = t.member_id and c.transfer_id = t.transfer_id)
$$;
