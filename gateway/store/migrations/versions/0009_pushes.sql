-- What we show on phones unasked, by USSD: from being asked for to what the subscriber did. `session` is the other side's
-- name of the session that it opens. Nobody wants it later: it is shown within its time, once, or not at all.
create table ussd_push (
  push_id bigint generated always as identity primary key,
  member_id bigint not null references member,
  push text not null,
  kind text not null check (kind in ('service', 'advertising')),
  smsc text,
  state text not null check (
    state in ('queued', 'sending', 'shown', 'answered', 'refused', 'expired', 'in_doubt', 'no_consent')),
  reason text not null default '',
  session text,
  at timestamptz not null,
  expires_at timestamptz not null check (expires_at > at),
  settled_at timestamptz,
  owner text,
  push_lease_until timestamptz,
  check ((owner is null) = (state <> 'sending'))
) with (fillfactor = 70);

create index ussd_push_waiting on ussd_push (push_id) where state in ('queued', 'sending');
create index ussd_push_of_member on ussd_push (member_id, at);
