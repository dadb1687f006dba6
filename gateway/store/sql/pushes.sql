-- Screens shown unasked, by USSD: asked for, taken by whoever has a link, and what became of each.

-- A push is asked for; `smsc` is null where any may show it.
create function push_made(
  p_member_id bigint, p_push text, p_kind text, p_smsc text, p_at timestamptz, p_expires_at timestamptz
) returns bigint
language sql
as $$
  insert into ussd_push (member_id, push, kind, smsc, state, at, expires_at)
  values (p_member_id, p_push, p_kind, p_smsc, 'queued', p_at, p_expires_at)
  returning push_id
$$;

-- Takes what waits for these SMSCs or for any, oldest first, under an owner that no other claim has. One at a time is on its
-- way to a number. What rests (machine time) is left, and advertising is shown only to who agreed.
create function pushes_claimed(
  p_smscs text[], p_count integer, p_owner text, p_lease_until timestamptz, p_now timestamptz, p_at timestamptz
) returns table (
  push_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, push text, language text, smsc text
)
language plpgsql
as $$
#variable_conflict use_column
begin
  if not exists (select from ussd_push u where u.state = 'sending' and u.owner = p_owner) then
    with next as (
      select w.push_id, w.kind = 'service' or agrees_to_advertising(w.member_id) as agreed
        from (
          select u.push_id, u.member_id, u.kind
            from ussd_push u
           where u.state = 'queued' and (u.smsc is null or u.smsc = any (p_smscs)) and u.expires_at > p_at
             and (u.push_lease_until is null or u.push_lease_until <= p_now)
             and not exists (
               select from ussd_push b
                where b.member_id = u.member_id and b.push_id < u.push_id and b.state in ('queued', 'sending')
                  and b.expires_at > p_at)
           order by u.push_id
           limit p_count
             for update of u skip locked
        ) as w
    )
    update ussd_push u
       set state = case when next.agreed then 'sending' else 'no_consent' end,
           owner = case when next.agreed then p_owner end, push_lease_until = p_lease_until,
           settled_at = case when next.agreed then null else p_at end
      from next where u.push_id = next.push_id;
  end if;
  return query
    select u.push_id, n.number_digest, n.number_cipher, n.key_version, u.push, m.language, u.smsc
      from ussd_push u
      join member m on m.member_id = u.member_id
      join member_number n on n.member_id = u.member_id
     where u.state = 'sending' and u.owner = p_owner
     order by u.push_id;
end $$;

-- What became of a push on its way; only its owner may say so. One that may wait is `queued` again, and rests until then.
-- The subscriber may have answered before the gateway that took it did.
create function push_settled(
  p_push_id bigint, p_owner text, p_state text, p_reason text, p_smsc text, p_session text, p_rest_until timestamptz,
  p_at timestamptz
) returns void
language sql
as $$
  update ussd_push
     set state = p_state, reason = p_reason, owner = null, push_lease_until = p_rest_until, session = p_session,
         smsc = case when p_state = 'queued' then smsc else p_smsc end,
         settled_at = case when p_state = 'queued' then null else p_at end
   where push_id = p_push_id and owner = p_owner
$$;

-- A subscriber did something about it: what was shown is answered, whatever else was thought of it.
create function push_answered(p_push_id bigint, p_at timestamptz) returns void
language sql
as $$
  update ussd_push set state = 'answered', reason = '', owner = null, push_lease_until = null, settled_at = p_at
   where push_id = p_push_id and state in ('sending', 'shown', 'in_doubt')
$$;

-- The same of a notice, that is confirmed by nothing but its number and session: the newest of these is meant.
create function push_confirmed(p_number_digests bytea[], p_smsc text, p_session text, p_at timestamptz) returns void
language sql
as $$
  select push_answered((
    select u.push_id
      from ussd_push u
      join member_number n on n.member_id = u.member_id
     where n.number_digest = any (p_number_digests) and u.smsc = p_smsc and u.session = p_session
     order by u.push_id desc limit 1), p_at)
$$;

-- What nobody showed in its time is over; what was left alone on its way is in doubt, and never shown again.
create function pushes_tidied(p_now timestamptz, p_at timestamptz) returns table (expired bigint, in_doubt bigint)
language sql
as $$
  with late as (
    update ussd_push set state = 'expired', push_lease_until = null, settled_at = p_at,
           reason = case when reason = '' then 'no link took it in time' else reason end
     where state = 'queued' and expires_at <= p_at returning push_id
  ), left_alone as (
    update ussd_push set state = 'in_doubt', owner = null, push_lease_until = null, settled_at = p_at,
           reason = 'whoever showed it has died'
     where state = 'sending' and push_lease_until <= p_now returning push_id
  )
  select (select count(*) from late), (select count(*) from left_alone)
$$;

-- One push as staff sees it.
create function push_seen(p_push_id bigint) returns table (
  number_digest bytea, number_cipher bytea, key_version smallint, push text, kind text, smsc text, state text,
  reason text, at timestamptz, expires_at timestamptz, settled_at timestamptz
)
language sql stable
as $$
  select n.number_digest, n.number_cipher, n.key_version, u.push, u.kind, u.smsc, u.state, u.reason, u.at, u.expires_at,
         u.settled_at
    from ussd_push u join member_number n on n.member_id = u.member_id
   where u.push_id = p_push_id
$$;
