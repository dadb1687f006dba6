-- The ground: who a member is, what an account holds, and the journal of everything that moved.
-- Times are programme time and come as arguments; no column has a clock for its default.

create table deployment (
  singleton boolean primary key default true check (singleton),
  demo boolean not null,
  clock_offset_s bigint not null default 0 check (clock_offset_s >= 0),
  number_key_check bytea  -- a keyed digest of a constant: with another key no member would be found
);

-- The exact files that a posting or a message was decided by.
create table pack_version (
  pack_version_id integer generated always as identity primary key,
  digest text not null unique,
  files jsonb not null,
  first_used_at timestamptz not null
);

-- The member's row is the lock of everything that is the member's (decision 0004).
create table member (
  member_id bigint generated always as identity primary key,
  status text not null check (status in ('active', 'blocked')),
  language text not null check (language <> ''),
  enrolled_at timestamptz not null,
  terms_version text not null,
  terms_accepted_at timestamptz not null
) with (fillfactor = 80);

-- The only place that knows a number: encrypted, and found by its keyed digest.
create table member_number (
  member_id bigint primary key references member,
  number_digest bytea not null unique check (octet_length(number_digest) = 16),
  key_version smallint not null check (key_version > 0),
  number_cipher bytea not null
);

create table account (
  member_id bigint not null references member,
  unit text not null check (unit <> ''),
  posted bigint not null default 0 check (posted >= 0),
  held bigint not null default 0 check (held >= 0),
  pending bigint not null default 0 check (pending >= 0),
  debt bigint not null default 0 check (debt >= 0),
  primary key (member_id, unit),
  check (posted - held >= 0)
) with (fillfactor = 80);

create sequence transfer_id_seq;

create table lot (
  member_id bigint not null,
  lot_id bigint generated always as identity,
  unit text not null,
  priority smallint not null default 0,
  amount bigint not null check (amount > 0),
  remaining bigint not null check (remaining >= 0),
  held bigint not null default 0 check (held >= 0),
  earned_at timestamptz not null,
  expires_at timestamptz check (expires_at > earned_at),
  transfer_id bigint not null,
  primary key (member_id, lot_id),
  foreign key (member_id, unit) references account,
  check (held <= remaining and remaining <= amount)
) with (fillfactor = 80);

-- Spending order is a total order; a balance reads the same index.
create index lot_live on lot (member_id, unit, priority, expires_at nulls last, earned_at, lot_id) where remaining > 0;

-- The journal: insert-only, one partition a month, detachable. `expires_at` is what an accrual's lot was given,
-- so that the lots can be proven, and built again, from the journal alone.
create table transfer (
  member_id bigint not null,
  month date not null,
  transfer_id bigint not null,
  kind text not null check (kind in ('accrual')),
  unit text not null,
  amount bigint not null check (amount <> 0),
  reason text not null,
  channel text not null,
  key text not null,
  pack_version_id integer not null,
  at timestamptz not null,
  expires_at timestamptz,
  primary key (member_id, month, transfer_id)
) partition by range (month);

create table entry (
  member_id bigint not null,
  month date not null,
  transfer_id bigint not null,
  account text not null check (account in ('member', 'issuance')),
  unit text not null,
  amount bigint not null check (amount <> 0),
  primary key (member_id, month, transfer_id, account)
) partition by range (month);

create table idempotency (
  member_id bigint not null,
  key text not null,
  request_digest bytea not null,
  outcome jsonb not null,
  at timestamptz not null,
  primary key (member_id, key)
);

-- What the operator told us, and what became of it; `source` is the name of the API key.
create table source_event (
  source text not null,
  event_id text not null,
  request_digest bytea not null,
  member_id bigint not null,
  type text not null,
  amount bigint,
  occurred_at timestamptz not null,
  at timestamptz not null,
  outcome jsonb not null,
  primary key (source, event_id)
);
create index source_event_of_member on source_event (member_id, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is insert-only: a correction is a new transfer', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger insert_only before update or delete on transfer for each row execute function refuse_change();
create trigger insert_only before update or delete on entry for each row execute function refuse_change();
create trigger never_truncated before truncate on transfer for each statement execute function refuse_change();
create trigger never_truncated before truncate on entry for each statement execute function refuse_change();

-- What falls outside the months that `gateway migrate` has made is kept here, not lost.
create table transfer_rest partition of transfer default;
create table entry_rest partition of entry default;
