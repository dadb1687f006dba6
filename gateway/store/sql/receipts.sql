-- Receipts: which part of which message each speaks of.

-- Apply a receipt to the part that it names, of a message to that member; nothing when none or several fit.
-- `p_ids` are pairs of a form and an id, as the SMSC may have written the id that it gave. Of several parts that fit,
-- the one in the form that this SMSC is known to use; a form is learned from a receipt that fits one part only, and
-- whose id another base writes otherwise: `5` teaches nothing. Until it is learned, several that fit are `ambiguous`.
create function receipt_applied(
  p_smsc text, p_member_id bigint, p_ids jsonb, p_state text, p_final boolean, p_error text
) returns text
language plpgsql
as $$
declare
  v_form constant text := (select s.form from smsc_ids s where s.smsc = p_smsc);
  v_ids constant text[] := array(select c.value->>1 from jsonb_array_elements(p_ids) as c);
  v_found record;
begin
  -- By an array, since joined with the rows of a function the planner once chose to read the whole table. An SMSC that
  -- begins to count anew gives an id twice: the newest is meant.
  select p.message_id, p.part, p.smsc_message_id, is_open(p.state) as is_open, f.form into v_found
    from outbox_part p
    join outbox o on o.message_id = p.message_id and o.member_id = p_member_id
    cross join lateral (
      select c.value->>0 as form, c.ordinality as rank
        from jsonb_array_elements(p_ids) with ordinality as c
       where c.value->>1 = p.smsc_message_id
       order by (c.value->>0 = v_form) desc nulls last, c.ordinality limit 1
    ) as f
   where p.smsc = p_smsc and p.smsc_message_id = any (v_ids)
   order by (f.form = v_form) desc nulls last, is_open(p.state) desc, f.rank, p.message_id desc limit 1;
  if not found then
    return 'unmatched';
  end if;
  if v_found.form is distinct from v_form and exists (
    select from outbox_part p
      join outbox o on o.message_id = p.message_id and o.member_id = p_member_id
     where p.smsc = p_smsc and p.smsc_message_id = any (v_ids) and p.smsc_message_id <> v_found.smsc_message_id) then
    return case when v_form is null then 'ambiguous' else 'unmatched' end;
  end if;
  -- Read otherwise than this SMSC is known to write, an id fits what is over, or what is not meant while the answer to
  -- another submit_sm is still to come: a receipt may be there before its message's id.
  if v_found.form <> coalesce(v_form, 'raw') and (not v_found.is_open or exists (
    select from outbox o where o.member_id = p_member_id and o.smsc = p_smsc and o.state = 'sending')) then
    return case when v_form is null then 'ambiguous' else 'unmatched' end;
  end if;
  if v_form is null and exists (
    select from jsonb_array_elements(p_ids) as c where c.value->>0 in ('hex', 'decimal')) then
    insert into smsc_ids (smsc, form) values (p_smsc, v_found.form) on conflict do nothing;
  end if;
  -- Two parts' receipts may come at once: each must see the other's.
  perform 1 from outbox o where o.message_id = v_found.message_id for no key update;
  update outbox_part set state = p_state, error = p_error
   where message_id = v_found.message_id and part = v_found.part and is_open(state);
  if p_final then
    perform message_ended(v_found.message_id);
  end if;
  return 'matched';
end $$;

-- A message ends when each of its parts has, or when one has failed. What is not sent whole yet goes on.
create function message_ended(p_message_id bigint) returns void
language sql
as $$
  update outbox o
     set state = case
           when p.failed is null then 'delivered' when p.failed = 'expired' then 'expired' else 'failed' end,
         reason = coalesce(p.failed || coalesce(' ' || nullif(p.error, ''), ''), '')
    from (
      select count(*) as ended,
             min(d.state) filter (where d.state <> 'delivered') as failed,
             min(d.error) filter (where d.state <> 'delivered') as error
        from outbox_part d where d.message_id = p_message_id and not is_open(d.state)
    ) as p
   where o.message_id = p_message_id and o.state = 'sent' and (p.failed is not null or p.ended = o.parts)
$$;

-- Receipts as they come. One that fits nothing yet is held until its message is known; an ambiguous one, until the form
-- of ids is. One for a message that waits in doubt for it, the only one of that member, settles it: `found_again`.
-- Item: smsc, number_digests [hex, …], ids [[form, id], …], state, final, error, at.
create function receipts_take(p_items jsonb) returns table (ord integer, how text)
language plpgsql
as $$
#variable_conflict use_column
declare
  v_item jsonb;
  v_member_id bigint;
begin
  for ord, v_item in select o - 1, value from jsonb_array_elements(p_items) with ordinality as t (value, o) loop
    select n.member_id into v_member_id
      from member_number n where n.number_digest = any (digests_of(v_item->'number_digests'));
    if not found then
      how := 'stranger';
    else
      how := receipt_applied(v_item->>'smsc', v_member_id, v_item->'ids', v_item->>'state',
                             (v_item->>'final')::boolean, v_item->>'error');
      if how = 'unmatched' then
        how := receipt_kept(v_item, v_member_id);
      elsif how = 'ambiguous' then
        perform hold_receipt(v_item, v_member_id);
      end if;
    end if;
    return next;
  end loop;
end $$;

create function receipt_kept(p_item jsonb, p_member_id bigint) returns text
language plpgsql
as $$
begin
  if found_again(p_item->>'smsc', p_member_id, p_item->>'state') then
    return 'found_again';
  end if;
  perform hold_receipt(p_item, p_member_id);
  return 'held';
end $$;

-- Whether a receipt settles a message that waits in doubt for one: the only one of that member, and of one part.
create function found_again(p_smsc text, p_member_id bigint, p_state text) returns boolean
language plpgsql
as $$
declare
  v_waiting constant bigint[] := array(
    select o.message_id from outbox o
     where o.member_id = p_member_id and o.smsc = p_smsc and o.state = 'in_doubt'
       and o.when_in_doubt = 'await_receipt' and coalesce(o.parts, 1) = 1);
begin
  if p_state <> 'delivered' or cardinality(v_waiting) <> 1 then
    return false;
  end if;
  update outbox set state = 'delivered', reason = 'its receipt came', send_lease_until = null
   where message_id = v_waiting[1] and state = 'in_doubt';
  return found;
end $$;

create function hold_receipt(p_item jsonb, p_member_id bigint) returns void
language sql
as $$
  insert into receipt_held (smsc, member_id, ids, state, final, error, at)
  values (p_item->>'smsc', p_member_id, p_item->'ids', p_item->>'state', (p_item->>'final')::boolean,
          p_item->>'error', (p_item->>'at')::timestamptz)
$$;

-- Look at held receipts again: a receipt may come before the answer to its submit_sm, or together with it. Those that
-- are older than an hour belong to nobody; after a week they are forgotten. How many found their message.
create function receipts_reconsidered(p_at timestamptz) returns bigint
language plpgsql
as $$
declare
  v_held record;
  v_count bigint := 0;
begin
  delete from receipt_held where at < p_at - interval '7 days';
  for v_held in
    select h.receipt_id, h.smsc, h.member_id, h.ids, h.state, h.final, h.error
      from receipt_held h
     where h.at > p_at - interval '1 hour' and exists (
       select from jsonb_array_elements(h.ids) as c
         join outbox_part p on p.smsc = h.smsc and p.smsc_message_id = c.value->>1
         join outbox o on o.message_id = p.message_id and o.member_id = h.member_id)
     order by h.receipt_id limit 1000
       for update of h skip locked
  loop
    continue when receipt_applied(
      v_held.smsc, v_held.member_id, v_held.ids, v_held.state, v_held.final, v_held.error) <> 'matched';
    delete from receipt_held where receipt_id = v_held.receipt_id;
    v_count := v_count + 1;
  end loop;
  for v_held in
    select h.receipt_id, h.smsc, h.member_id, h.state
      from receipt_held h
     where h.at > p_at - interval '1 hour' and h.state = 'delivered' and exists (
       select from outbox o
        where o.member_id = h.member_id and o.smsc = h.smsc and o.state = 'in_doubt'
          and o.when_in_doubt = 'await_receipt')
     order by h.receipt_id limit 1000
       for update of h skip locked
  loop
    if found_again(v_held.smsc, v_held.member_id, v_held.state) then
      delete from receipt_held where receipt_id = v_held.receipt_id;
      v_count := v_count + 1;
    end if;
  end loop;
  return v_count;
end $$;
