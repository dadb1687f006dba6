-- The back office: who may call the API, what it was asked, what staff gave away, and what waits for another's word.

-- Callers beside those of GATEWAY_API_KEYS. A secret is drawn from 256 bits, so its plain digest cannot be reversed. Names
-- are for ever: the audit log, idempotency and the second pair of eyes know a caller by them.
create table api_key (
  name text primary key check (name <> ''),
  digest bytea not null unique check (octet_length(digest) = 32),
  scopes text[] not null check (cardinality(scopes) > 0),
  created_by text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

-- How a request was answered, written in the transaction of its effect: a row is there when the effect is. No number and
-- no gift code is in a body. `request_digest` is keyed, for what was asked names numbers.
create table api_request (
  key_name text not null,
  key text not null,
  request_digest bytea not null,
  status smallint not null check (status between 200 and 599),
  body text not null,
  at timestamptz not null,
  primary key (key_name, key)
);

-- What a key gave away in a day of the programme, by credits or by gift codes, in whole units.
create table staff_day (
  key_name text not null,
  kind text not null check (kind in ('credit', 'codes')),
  unit text not null,
  day date not null,
  total bigint not null check (total >= 0),
  primary key (key_name, kind, unit, day)
) with (fillfactor = 50);

-- What is above a limit waits until somebody else says yes. A credit is booked with that word; gift codes may then be
-- issued, once (`approved`, then `done`), by whoever asked. `asked` has what was asked, and no number.
create table approval (
  approval_id bigint generated always as identity primary key,
  kind text not null check (kind in ('credit', 'codes')),
  state text not null check (state in ('waiting', 'approved', 'rejected', 'done')),
  member_id bigint references member,
  asked jsonb not null,
  asked_by text not null,
  asked_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  comment text not null default '',
  check ((kind = 'credit') = (member_id is not null)),
  check ((decided_by is null) = (state = 'waiting')),
  check ((decided_at is null) = (state = 'waiting')),
  check (decided_by <> asked_by)
);
create index approval_waiting on approval (approval_id) where state = 'waiting';
