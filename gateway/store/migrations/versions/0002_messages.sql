-- Messages: what came by SMS, what is answered, and what became of it on the wire.
-- No text is kept, only what it is made of: the reply, its outcome and facts, the language, the pack. Columns named
-- `*_lease_until` hold machine time, all others programme time.

-- What a member said to advertising; the latest row counts.
create table consent (
  member_id bigint not null references member,
  consent_id bigint generated always as identity,
  purpose text not null check (purpose in ('advertising')),
  given boolean not null,
  channel text not null,
  wording text not null,  -- the version of the words that were agreed to
  at timestamptz not null,
  primary key (member_id, consent_id)
);
create trigger insert_only before update or delete on consent for each row execute function refuse_change();
create trigger never_truncated before truncate on consent for each statement execute function refuse_change();

-- What waits for the SMSC, is on its way, or has ended. A row is one message with all its parts.
-- `owner` is the process that sends it, until its lease ends; a queued row's lease is how long it rests.
create table outbox (
  message_id bigint generated always as identity primary key,
  member_id bigint not null references member,
  smsc text not null,
  short_number text not null,
  kind text not null,
  lane text not null check (lane in ('reply', 'service', 'campaign')),
  when_in_doubt text not null check (when_in_doubt in ('resend', 'await_receipt', 'drop')),
  reply text not null,
  outcome text not null,
  facts jsonb not null,
  language text not null,
  pack_version_id integer not null references pack_version,
  at timestamptz not null,
  expires_at timestamptz not null check (expires_at > at),
  state text not null check (
    state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'parked', 'in_doubt')),
  reason text not null default '',
  parts smallint check (parts > 0),
  tries smallint not null default 0 check (tries >= 0),
  doubts smallint not null default 0 check (doubts >= 0),
  owner text,
  send_lease_until timestamptz,
  check ((owner is null) = (state <> 'sending'))
) with (fillfactor = 70);

create index outbox_live on outbox (smsc, lane, message_id) where state in ('queued', 'sending', 'in_doubt');
create index outbox_live_of_member on outbox (member_id, message_id) where state in ('queued', 'sending', 'in_doubt');
create index outbox_ending on outbox (expires_at) where state in ('queued', 'in_doubt');
create index outbox_leased on outbox (send_lease_until) where state = 'sending';
create index outbox_owned on outbox (owner) where state = 'sending';
create index outbox_of_member on outbox (member_id, at);

-- A part that the SMSC has taken; a part without a row is not known to have been taken.
create table outbox_part (
  message_id bigint not null references outbox,
  part smallint not null check (part > 0),
  smsc text not null,
  smsc_message_id text not null,
  state text not null default 'sent',
  error text not null default '',
  primary key (message_id, part)
) with (fillfactor = 80);
create index outbox_part_taken on outbox_part (smsc, smsc_message_id);

-- Receipts whose message is not known yet: they may come before the answer to their submit_sm.
create table receipt_held (
  receipt_id bigint generated always as identity primary key,
  smsc text not null,
  member_id bigint not null references member,
  ids jsonb not null,
  state text not null,
  final boolean not null,
  error text not null,
  at timestamptz not null
);
create index receipt_held_of_member on receipt_held (member_id);
create index receipt_held_at on receipt_held (at);

-- How an SMSC writes in receipts the ids that it gave: learned from matches that could not be mistaken.
create table smsc_ids (
  smsc text primary key,
  form text not null
);

-- What members texted. `answer` is how the SMSC was answered, as far as we know; by it a text that comes again is told
-- from a new one (decision 0009). `content_*` is kept of what a person must look at.
create table inbox (
  inbox_id bigint generated always as identity primary key,
  member_id bigint not null references member,
  identity bytea not null,
  key text not null,
  smsc text not null,
  short_number text not null,
  said text not null,
  message_id bigint references outbox,
  answer text not null check (answer in ('unknown', 'ok', 'not_now')),
  at timestamptz not null,
  content_cipher bytea,
  content_key_version smallint,
  check ((content_cipher is null) = (content_key_version is null))
) with (fillfactor = 80);
create index inbox_identity on inbox (member_id, identity, inbox_id);
create index inbox_parked on inbox (inbox_id) where content_cipher is not null;

-- Parts of long texts, until all are there.
create table inbox_part (
  member_id bigint not null references member,
  identity bytea not null,
  part smallint not null check (part > 0),
  total smallint not null check (total >= part),
  smsc text not null,
  short_number text not null,
  content_cipher bytea not null,
  content_key_version smallint not null,
  at timestamptz not null,
  primary key (member_id, identity, part)
);
create index inbox_part_at on inbox_part (at);
