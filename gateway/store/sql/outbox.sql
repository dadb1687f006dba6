-- What waits for the SMSC, and what became of it.

-- Whether a message keeps the next one to the same number waiting: one at a time keeps their order.
-- One that is parked, over or too old does not; one in doubt only while it will be sent again at once.
create function holds_next(p_state text, p_when_in_doubt text, p_expires_at timestamptz, p_at timestamptz)
returns boolean language sql immutable
as $$
  select p_state = 'sending'
      or (p_expires_at > p_at and (p_state = 'queued' or (p_state = 'in_doubt' and p_when_in_doubt = 'resend')))
$$;

-- Whether more can be heard of a part. What `accepted` and `unknown` mean is each SMSC's own: waiting harms nobody.
create function is_open(p_state text) returns boolean language sql immutable
as $$ select p_state in ('sent', 'enroute', 'accepted', 'unknown') $$;

-- Where a message stands whose answer will not come: some are not worth a second copy on the phone, and none a fourth.
create function state_in_doubt(p_when_in_doubt text, p_doubts smallint) returns text language sql immutable
as $$ select case when p_when_in_doubt = 'drop' then 'failed' when p_doubts >= 2 then 'parked' else 'in_doubt' end $$;

-- A message to a member whose row is locked. Where a window slot is reserved and nothing is before it, it is born
-- `sending`: then only whoever has the slot may send it.
create function put_message(p_item jsonb, p_reply jsonb) returns jsonb
language plpgsql
as $$
declare
  v_message constant jsonb := p_item->'message';
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_goes constant boolean := v_message->>'owner' is not null and not exists (
    select from outbox o
     where o.member_id = v_member_id and o.state in ('queued', 'sending', 'in_doubt') and o.session is null
       and holds_next(o.state, o.when_in_doubt, o.expires_at, v_at));
  v_message_id bigint;
begin
  if p_reply->'facts' ? 'sealed' then
    perform keep_seal_keys(p_reply->'facts'->'sealed');
  end if;
  insert into outbox (member_id, smsc, short_number, kind, lane, when_in_doubt, reply, outcome, facts, language,
                      pack_version_id, at, expires_at, state, tries, owner, send_lease_until, session)
  values (v_member_id, p_item->>'smsc', p_item->>'short_number', v_message->>'kind', v_message->>'lane',
          v_message->>'when_in_doubt', p_reply->>'reply', p_reply->>'outcome', p_reply->'facts', p_reply->>'language',
          (v_message->>'pack_version_id')::integer, v_at, (v_message->>'expires_at')::timestamptz,
          case when v_goes then 'sending' else 'queued' end, v_goes::integer,
          case when v_goes then v_message->>'owner' end,
          case when v_goes then v_message->>'lease_until' else v_message->>'rest_until' end::timestamptz,
          v_message->>'session')
  returning outbox.message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id, 'state', case when v_goes then 'sending' else 'queued' end);
end $$;

-- Take what may be sent next, oldest first, so many of each lane; they are `sending` and leased to `p_owner` before
-- anything of them is on the wire. A message that was in doubt comes with the parts that were answered. Of kinds that
-- the caller does not know nothing is taken; advertising whose turn comes and whose reader does not agree to it ends.
-- Each claim has an owner of its own: asked again over a connection that broke, it finds what it took.
-- Where `p_by` is another SMSC than `p_smsc`, it stands in for that (decision 0018): what it takes is its own from then
-- on, with its parts, doubts and receipts. It takes nothing of which the other has a part already, since two SMSCs may
-- divide a text in two ways, and nothing that waits for a receipt of the other's.
create function outbox_claim(
  p_smsc text, p_by text, p_lanes text[], p_counts integer[], p_kinds text[], p_owner text, p_lease_until timestamptz,
  p_now timestamptz, p_at timestamptz
) returns table (
  message_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, short_number text, kind text,
  reply text, outcome text, facts jsonb, language text, pack_digest text, expires_at timestamptz, tries smallint,
  doubts smallint, parts_taken smallint[]
)
language plpgsql
as $$
#variable_conflict use_column
begin
  if not exists (select from outbox o where o.state = 'sending' and o.owner = p_owner) then
    with next as (
      select n.message_id, l.lane <> 'campaign' or agrees_to_advertising(n.member_id) as agreed
        from unnest(p_lanes, p_counts) as l (lane, count)
        cross join lateral (
          select o.message_id, o.member_id
            from outbox o
           where o.smsc = p_smsc and o.lane = l.lane and o.state in ('queued', 'in_doubt') and o.kind = any (p_kinds)
             and (o.send_lease_until is null or o.send_lease_until <= p_now)
             and o.expires_at > p_at
             and (p_by = p_smsc or (
               (o.state = 'queued' or o.when_in_doubt = 'resend')
               and not exists (select from outbox_part d where d.message_id = o.message_id)))
             and not exists (
               select from outbox b
                where b.member_id = o.member_id and b.message_id < o.message_id
                  and b.state in ('queued', 'sending', 'in_doubt') and b.session is null
                  and holds_next(b.state, b.when_in_doubt, b.expires_at, p_at))
           order by o.message_id
           limit l.count
             for update of o skip locked
        ) as n
    )
    update outbox o
       set state = case when next.agreed then 'sending' else 'failed' end,
           owner = case when next.agreed then p_owner end, smsc = p_by,
           reason = case when next.agreed then o.reason else 'no_consent' end,
           send_lease_until = p_lease_until, tries = o.tries + next.agreed::integer
      from next where o.message_id = next.message_id;
  end if;
  return query
    select o.message_id, m.number_digest, m.number_cipher, m.key_version, o.short_number, o.kind, o.reply, o.outcome,
           o.facts, o.language, p.digest, o.expires_at, o.tries, o.doubts,
           coalesce((select array_agg(d.part order by d.part) from outbox_part d where d.message_id = o.message_id), '{}')
      from outbox o
      join member_number m on m.member_id = o.member_id
      join pack_version p on p.pack_version_id = o.pack_version_id
     where o.state = 'sending' and o.owner = p_owner
     order by o.message_id;
end $$;

-- What became of messages on the wire. Only their owner may say so; but that the SMSC took one, or a part of it, is true
-- whoever says it and however late, unless another is sending it again at this moment.
-- One that goes on with its next part stays `sending`, under a longer lease; or is again, under its old owner.
-- Item: message_id, owner, state (sending, sent, queued, failed, expired, parked, in_doubt), reason, parts (how many it
-- has, or null), taken [[part, the SMSC's id], …], smsc, rest_until (machine time: the end of the lease, or of a rest).
-- `more` says that another message to the same number waits; `ours`, that the caller may go on with this one.
create function outbox_settle(p_items jsonb) returns table (ord integer, more boolean, ours boolean)
language plpgsql
as $$
#variable_conflict use_column
begin
  insert into outbox_part (message_id, part, smsc, smsc_message_id)
  select (i.value->>'message_id')::bigint, (t.value->>0)::smallint, i.value->>'smsc', t.value->>1
    from jsonb_array_elements(p_items) as i cross join jsonb_array_elements(i.value->'taken') as t
  on conflict do nothing;

  update outbox o
     set state = case when i.state = 'in_doubt' then state_in_doubt(o.when_in_doubt, o.doubts) else i.state end,
         reason = i.reason, parts = coalesce(i.parts, o.parts),
         owner = case when i.state = 'sending' then i.owner end, send_lease_until = i.rest_until,
         doubts = o.doubts + (i.state = 'in_doubt')::integer
    from jsonb_to_recordset(p_items)
         as i (message_id bigint, owner text, state text, reason text, parts smallint, rest_until timestamptz)
   where o.message_id = i.message_id
     and ((o.state = 'sending' and o.owner = i.owner) or (o.state = 'in_doubt' and i.state in ('sent', 'sending')));
  perform message_ended(i.message_id)  -- receipts of the first parts may have come before the last part went
     from jsonb_to_recordset(p_items) as i (message_id bigint, state text, parts smallint)
    where i.state = 'sent' and i.parts > 1;

  return query
    select (i.ordinality - 1)::integer, exists (
             select from outbox o join outbox n on n.member_id = o.member_id and n.message_id <> o.message_id
              where o.message_id = (i.value->>'message_id')::bigint and n.state in ('queued', 'in_doubt')), exists (
             select from outbox o
              where o.message_id = (i.value->>'message_id')::bigint and o.state = 'sending'
                and o.owner = i.value->>'owner')
      from jsonb_array_elements(p_items) with ordinality as i;
end $$;

-- Give up what is too old, call in doubt what its owner has left (the lease ended, so it died, or lost the store), and
-- give held receipts to messages that are known by now.
-- What is sent again in doubt rests until `p_again_at` first, since whoever lost the store may have the answer and write
-- it down as soon as the store is back; what waits for its receipt, until `p_receipt_until` (both machine time).
create function outbox_tidy(
  p_now timestamptz, p_at timestamptz, p_again_at timestamptz, p_receipt_until timestamptz
) returns table (expired bigint, in_doubt bigint, receipts bigint)
language plpgsql
as $$
#variable_conflict use_column
begin
  return query
  with old as (
    update outbox set state = 'expired', send_lease_until = null
     where state in ('queued', 'in_doubt') and expires_at <= p_at
    returning message_id
  ), left_alone as (
    update outbox set state = state_in_doubt(when_in_doubt, doubts), doubts = doubts + 1, reason = 'its sender is gone',
                      owner = null,
                      send_lease_until = case when_in_doubt when 'await_receipt' then p_receipt_until else p_again_at end
     where state = 'sending' and send_lease_until < p_now
    returning message_id
  )
  select (select count(*) from old), (select count(*) from left_alone), receipts_reconsidered(p_at);
end $$;

-- How many messages stand where, of those that are not over.
create function outbox_counts() returns table (state text, lane text, count bigint) language sql stable
as $$
  select o.state, o.lane, count(*) from outbox o where o.state in ('queued', 'sending', 'in_doubt') group by 1, 2
$$;

-- A person's word: send this again (`queued`), or leave it (`parked`). What is on the wire now is left alone, and so is
-- what the SMSC has and has not given up. Parts that never arrived go again, others not. The new state, or nothing.
create function outbox_order(p_message_id bigint, p_state text, p_expires_at timestamptz)
returns table (message_id bigint, state text)
language sql
as $$
  delete from outbox_part p
   using outbox o
   where o.message_id = p_message_id and o.state in ('expired', 'failed') and p_state = 'queued'
     and p.message_id = o.message_id and p.state <> 'delivered' and not is_open(p.state);
  update outbox o
     set state = p_state, reason = 'by hand', send_lease_until = null,
         expires_at = case when p_state = 'queued' then greatest(o.expires_at, p_expires_at) else o.expires_at end
   where o.message_id = p_message_id
     and o.state in ('queued', 'in_doubt', 'parked', 'expired', 'failed')
  returning o.message_id, o.state
$$;

-- What a person sees of the outbox, newest first: messages in those states, or that were ever in doubt.
create function outbox_list(p_states text[], p_doubtful boolean, p_count integer) returns table (
  message_id bigint, member_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, smsc text,
  short_number text, kind text, reply text, outcome text, state text, reason text, parts smallint, tries smallint,
  doubts smallint, at timestamptz, expires_at timestamptz
)
language sql stable
as $$
  select o.message_id, o.member_id, m.number_digest, m.number_cipher, m.key_version, o.smsc, o.short_number, o.kind,
         o.reply, o.outcome, o.state, o.reason, o.parts, o.tries, o.doubts, o.at, o.expires_at
    from outbox o join member_number m on m.member_id = o.member_id
   where o.state = any (p_states) and (o.doubts > 0 or not p_doubtful)
   order by o.message_id desc
   limit p_count
$$;
