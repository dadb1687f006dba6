-- Accruals: the primitive `post`.

-- Months are UTC, so that a partition's edge is the same for every programme.
create function month_of(p_at timestamptz) returns date language sql immutable
as $$ select date_trunc('month', p_at at time zone 'UTC')::date $$;

-- Raised by a primitive to undo itself and to say why; `write_batch` turns it into that item's outcome.
create function refuse(p_result text) returns void language plpgsql immutable
as $$
begin
  raise exception using errcode = 'GW001', message = p_result;
end $$;

-- What this key was answered before, marked `repeated`; null when it is new. Another body is refused.
create function answered_before(p_item jsonb) returns jsonb
language plpgsql stable
as $$
declare
  v_known record;
begin
  select i.request_digest, i.outcome into v_known
    from idempotency i where i.member_id = (p_item->>'member_id')::bigint and i.key = p_item->>'key';
  if not found then
    return null;
  end if;
  if v_known.request_digest <> decode(p_item->>'request_digest', 'hex') then
    perform refuse('key_reused');
  end if;
  return v_known.outcome || '{"repeated": true}';
end $$;

-- Keep the answer for as long as the postings it speaks of.
create function remember_answer(p_item jsonb, p_outcome jsonb) returns void
language sql
as $$
  insert into idempotency (member_id, key, request_digest, outcome, at)
  values ((p_item->>'member_id')::bigint, p_item->>'key', decode(p_item->>'request_digest', 'hex'), p_outcome,
          (p_item->>'at')::timestamptz)
$$;

-- The account that accruals come from: a partner's own, so that what it gave can be settled; else the programme's.
create function giver(p_partner text) returns text language sql immutable
as $$ select coalesce('partner:' || p_partner, 'issuance') $$;

-- One accrual: a lot, a transfer with its two entries, the account's sum. The member's row is locked by the caller.
-- The same key and digest answer as the first time; the same key with another digest is refused.
-- Item: member_id, key, request_digest (hex), unit, amount, expires_at, available_at (null: at once), partner (null: the
-- programme itself gives it), reason, channel, pack_version_id, at.
create function post(p_item jsonb) returns jsonb
language plpgsql
as $$
declare
  v_member_id constant bigint := (p_item->>'member_id')::bigint;
  v_unit constant text := p_item->>'unit';
  v_amount constant bigint := (p_item->>'amount')::bigint;
  v_transfer_id bigint;
  v_outcome jsonb := answered_before(p_item);
begin
  if v_outcome is not null then
    return v_outcome;
  end if;
  v_transfer_id := booked(p_item, 'accrual', v_unit, v_amount, giver(p_item->>'partner'), p_item);
  perform lot_made(v_member_id, v_transfer_id, v_unit, v_amount, (p_item->>'at')::timestamptz,
                   (p_item->>'expires_at')::timestamptz, (p_item->>'available_at')::timestamptz);
  v_outcome := answered(
    p_item, 'posted', jsonb_build_object('transfer_id', v_transfer_id, 'unit', v_unit, 'amount', v_amount));
  perform debt_repaid(p_item, v_unit);
  return v_outcome;
end $$;
