-- Gift codes: what was issued and what became of it, wrong tries, and locks. No code is kept, only its keyed digest.

-- The versions of GATEWAY_CODE_KEY that codes were issued under, each known again by a keyed digest of a constant: with
-- another key every right code would be a wrong try.
create table code_key (
  key_version smallint primary key check (key_version > 0),
  key_check bytea not null
);

-- What was issued together grants the same and ends together. `issuing`: not all of it is there, none of it works.
-- `grants`: {unit, amount}, or {reward, …} with what its order needs. `key` is how the issuing command found it again.
create table code_batch (
  batch_id integer generated always as identity primary key,
  key text not null unique,
  campaign text not null check (campaign <> ''),
  grants jsonb not null,
  digits smallint not null check (digits = 6 or digits between 10 and 20),
  bound boolean not null,
  count integer not null check (count > 0),
  valid_from timestamptz not null,
  valid_until timestamptz not null check (valid_until > valid_from),
  state text not null check (state in ('issuing', 'active', 'frozen', 'void')),
  issued_by text not null,
  at timestamptz not null,
  check (bound or digits > 6)
);

-- A code by its place in its batch, which is its serial number. A bound one has a member: it works for nobody else.
create table gift_code (
  batch_id integer not null references code_batch,
  ordinal integer not null check (ordinal > 0),
  digest bytea not null check (octet_length(digest) = 16),
  key_version smallint not null references code_key,
  member_id bigint references member,
  state text not null default 'active' check (state in ('active', 'frozen', 'void', 'redeemed')),
  redeemed_by bigint references member,
  redeemed_at timestamptz,
  transfer_id bigint,
  order_id bigint references reward_order,
  primary key (batch_id, ordinal),
  check ((state = 'redeemed') = (redeemed_by is not null)),
  check ((state = 'redeemed') = (redeemed_at is not null)),
  check (num_nonnulls(transfer_id, order_id) = (state = 'redeemed')::integer),
  check (redeemed_by = member_id or member_id is null)
) with (fillfactor = 80);
create unique index gift_code_bound on gift_code (member_id, digest) where member_id is not null;
create unique index gift_code_bearer on gift_code (digest) where member_id is null;
create index gift_code_touched on gift_code (batch_id, state) where state <> 'active';
create index gift_code_redeemed_by on gift_code (redeemed_by) where redeemed_by is not null;

-- Tries that count, with what was wrong; `malformed` ones have a limit of their own. `number_range` is kept of those by which the breaker acts.
create table code_attempt (
  member_id bigint not null references member,
  attempt_id bigint generated always as identity,
  at timestamptz not null,
  cause text not null,
  channel text not null,
  number_range text,
  primary key (member_id, attempt_id)
);
create index code_attempt_of_range on code_attempt (channel, number_range, at) where number_range is not null;

-- Who may not redeem until `locked_until`, or until care says so (null). Tries up to `counted_to` have had their lock.
create table code_lock (
  member_id bigint primary key references member,
  strikes smallint not null check (strikes >= 0),
  locked_at timestamptz,
  locked_until timestamptz check (locked_until > locked_at),
  counted_to bigint not null
);
