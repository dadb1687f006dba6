-- What subscribers text: taken once, with its effect and its answer in one transaction.

-- The message that these octets were before, or null when they are a new one (decision 0009): the same attempt of ours;
-- one that was refused for now although it had been taken; one whose answer is not known. One that was answered `ok`
-- and comes again is a new message: nothing keeps a person from texting the same word twice. Only a part of a long text
-- (`ok_s`) is the same for a while: a phone counts its references round in hours, and a stray copy would wait for others.
-- Keys are `process/ordinal`: an older attempt of the same process was given up on, and is carried out late; the text
-- has been taken since.
create function text_seen(p_item jsonb) returns jsonb
language plpgsql stable
as $$
declare
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_last record;
begin
  select i.inbox_id, i.key, i.said, i.message_id, i.answer, i.at into v_last
    from inbox i
   where i.member_id = (p_item->>'member_id')::bigint and i.identity = decode(p_item->>'identity', 'hex')
   order by i.inbox_id desc limit 1;
  if found and (
    v_last.key = p_item->>'key'
    or (v_last.answer = 'not_now' and v_at < v_last.at + make_interval(secs => (p_item->>'not_now_s')::integer))
    or (v_last.answer = 'unknown' and v_at < v_last.at + make_interval(secs => (p_item->>'unknown_s')::integer))
    or (split_part(v_last.key, '/', 1) = split_part(p_item->>'key', '/', 1) and p_item->>'key' < v_last.key)
    or (v_last.answer = 'ok' and v_at < v_last.at + make_interval(secs => (p_item->>'ok_s')::integer))
  ) then
    return jsonb_build_object(
      'result', 'same', 'key', v_last.key, 'said', v_last.said, 'message_id', v_last.message_id,
      'state', (select o.state from outbox o where o.message_id = v_last.message_id),
      'facts', (select o.facts from outbox o where o.message_id = v_last.message_id));
  end if;
  return null;
end $$;

-- One text: its effect, the message that answers it, and the mark that it was taken. The member's row is locked.
-- `replies` has the answer to each result of the effect (`read`: there is none). A result that nobody foresaw undoes
-- everything and is the outcome: the caller decides again. An answer of null is silence.
-- `limits` are pairs of seconds and a maximum: so many answers of this reply and no more; then silence, said `silent`.
-- Item: member_id, key, identity (hex), smsc, short_number, at, not_now_s, unknown_s, ok_s; effect (an item, or null),
-- replies {result: {said, reply, outcome, facts, language} or null}, limits; message {kind, lane, when_in_doubt,
-- expires_at, pack_version_id, owner and lease_until where a window slot is reserved}; content_cipher (hex) and
-- content_key_version, or null.
create function take_text(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_outcome jsonb := text_seen(p_item);
  v_effect jsonb := '{"result": "read"}';
  v_reply jsonb;
  v_said text;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  if jsonb_typeof(p_item->'effect') = 'object' then
    v_effect := carried_out(p_item->'effect');
  end if;
  if not p_item->'replies' ? (v_effect->>'result') then
    perform refuse(v_effect->>'result');
  end if;

  v_reply := p_item->'replies'->(v_effect->>'result');
  v_said := coalesce(v_reply->>'said', 'silent');
  v_outcome := '{"result": "taken", "message_id": null, "state": null}';
  if jsonb_typeof(v_reply) = 'object' and said_too_often(p_item, v_reply->>'reply') then
    v_said := 'silent';
  elsif jsonb_typeof(v_reply) = 'object' then
    v_reply := v_reply || jsonb_build_object('facts', (v_reply->'facts') || coalesce(v_effect->'facts', '{}'));
    v_outcome := v_outcome || put_message(p_item, v_reply);
    if v_effect ? 'facts' then
      v_outcome := v_outcome || jsonb_build_object('facts', v_reply->'facts');
    end if;
  end if;
  insert into inbox (member_id, identity, key, smsc, short_number, said, message_id, answer, at,
                     content_cipher, content_key_version)
  values (v_member_id, decode(p_item->>'identity', 'hex'), p_item->>'key', p_item->>'smsc', p_item->>'short_number',
          v_said, (v_outcome->>'message_id')::bigint, 'unknown', (p_item->>'at')::timestamptz,
          decode(p_item->>'content_cipher', 'hex'), (p_item->>'content_key_version')::smallint);
  delete from inbox_part
   where member_id = v_member_id and identity = decode(p_item->>'identity', 'hex');
  return v_outcome || jsonb_build_object('said', v_said, 'effect', v_effect->>'result');
end $$;

-- Whether this member has had so many answers of a kind that the next one would be noise.
create function said_too_often(p_item jsonb, p_reply text) returns boolean
language sql stable
as $$
  select coalesce(bool_or(
    (select count(*) from outbox o
      where o.member_id = (p_item->>'member_id')::bigint and o.reply = p_reply
        and o.at > (p_item->>'at')::timestamptz - make_interval(secs => (l.value->>0)::integer)
    ) >= (l.value->>1)::integer), false)
    from jsonb_array_elements(p_item->'limits') as l
$$;

-- How the SMSC was answered, once we know. An attempt that never committed has no row, and none is touched.
create function texts_answered(p_number_digests bytea[], p_identities bytea[], p_keys text[], p_answers text[])
returns table (ord integer)
language sql
as $$
  with answered as (
    update inbox i set answer = a.answer
      from unnest(p_number_digests, p_identities, p_keys, p_answers) as a (number_digest, identity, key, answer)
      join member_number n on n.number_digest = a.number_digest
     where i.member_id = n.member_id and i.identity = a.identity and i.key = a.key
  )
  select o::integer from generate_series(0, cardinality(p_keys) - 1) as o
$$;

-- Keep one part of a long text; when it is the last one missing, all of them come back, in their order.
-- A part of a text that was taken already, in the sense of `text_seen`, is the same again.
-- Parts that are too old to belong to this text (`stale_s`) make room: references come round again.
-- Item: member_id, key, identity (hex), smsc, short_number, part, total, content_cipher (hex), content_key_version,
-- at, not_now_s, unknown_s, ok_s, stale_s.
create function keep_part(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_identity constant bytea := decode(p_item->>'identity', 'hex');
  v_at constant timestamptz := (p_item->>'at')::timestamptz;
  v_outcome jsonb := text_seen(p_item);
  v_parts jsonb;
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  delete from inbox_part
   where member_id = v_member_id and identity = v_identity
     and at < v_at - make_interval(secs => (p_item->>'stale_s')::integer);
  insert into inbox_part (member_id, identity, part, total, smsc, short_number, content_cipher, content_key_version, at)
  values (v_member_id, v_identity, (p_item->>'part')::smallint, (p_item->>'total')::smallint, p_item->>'smsc',
          p_item->>'short_number', decode(p_item->>'content_cipher', 'hex'),
          (p_item->>'content_key_version')::smallint, v_at)
  on conflict (member_id, identity, part)
  do update set content_cipher = excluded.content_cipher, content_key_version = excluded.content_key_version, at = v_at;
  select jsonb_agg(jsonb_build_array(encode(p.content_cipher, 'hex'), p.content_key_version) order by p.part)
    into v_parts
    from inbox_part p where p.member_id = v_member_id and p.identity = v_identity;
  if jsonb_array_length(v_parts) < (p_item->>'total')::integer then
    return '{"result": "kept"}';
  end if;
  return jsonb_build_object('result', 'whole', 'parts', v_parts);
end $$;

-- Long texts whose missing parts have not come for too long, each with what came of it.
create function texts_incomplete(p_before timestamptz, p_count integer) returns table (
  member_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, identity bytea, smsc text,
  short_number text, contents bytea[], content_key_versions smallint[]
)
language sql stable
as $$
  select n.member_id, n.number_digest, n.number_cipher, n.key_version, p.identity, min(p.smsc), min(p.short_number),
         array_agg(p.content_cipher order by p.part), array_agg(p.content_key_version order by p.part)
    from inbox_part p join member_number n on n.member_id = p.member_id
   group by n.member_id, p.identity
  having max(p.at) < p_before
   limit p_count
$$;

-- What a person must look at, newest first.
create function texts_parked(p_count integer) returns table (
  inbox_id bigint, number_digest bytea, number_cipher bytea, key_version smallint, identity bytea, smsc text,
  short_number text, at timestamptz, content_cipher bytea, content_key_version smallint
)
language sql stable
as $$
  select i.inbox_id, m.number_digest, m.number_cipher, m.key_version, i.identity, i.smsc, i.short_number, i.at,
         i.content_cipher, i.content_key_version
    from inbox i join member_number m on m.member_id = i.member_id
   where i.content_cipher is not null
   order by i.inbox_id desc
   limit p_count
$$;
