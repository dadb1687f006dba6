-- Spending: what is held, what a transfer took of which lot, orders for rewards; switches, the audit log, the proof.

-- A number that was sent a gift code and has not come yet is `invited`; its first dial or text makes it a member.
alter table member
  drop constraint member_status_check,
  add constraint member_status_check check (status in ('active', 'blocked', 'invited'));

-- What is pending is a matter of time and needs no sum: a lot is pending until `available_at`.
alter table account drop column pending;

-- `expires_at` is what the accrual was given, for ever; `grace_until` is what a return after that date added.
alter table lot
  add column available_at timestamptz,
  add column grace_until timestamptz,
  add column ends_at timestamptz generated always as (greatest(expires_at, grace_until)) stored,
  add constraint lot_pending_check check (available_at < expires_at),
  add constraint lot_grace_check check (grace_until is null or expires_at is not null);
drop index lot_live;
create index lot_live on lot (member_id, unit, priority, ends_at nulls last, earned_at, lot_id) where remaining > 0;
create index lot_due on lot (ends_at) where remaining > 0;
create index lot_pending on lot (member_id, unit, available_at) where remaining > 0 and available_at is not null;

-- `of_transfer_id` is the transfer that a refund or a reversal corrects; `shortfall` is what a reversal did not get.
alter table transfer
  drop constraint transfer_kind_check,
  drop constraint transfer_amount_check,
  add constraint transfer_kind_check check (
    kind in ('accrual', 'spend', 'refund', 'reversal', 'adjustment', 'expiry', 'repayment')),
  add constraint transfer_amount_check check (amount <> 0 or kind = 'reversal'),
  add column available_at timestamptz,
  add column of_transfer_id bigint,
  add column hold_id bigint,
  add column shortfall bigint not null default 0 check (shortfall >= 0);
create index transfer_of on transfer (member_id, of_transfer_id) where of_transfer_id is not null;

alter table entry
  drop constraint entry_account_check,
  add constraint entry_account_check check (
    account in ('member', 'issuance', 'redemption', 'breakage', 'adjustment', 'debt') or account like 'partner:_%');

-- What a transfer took of a lot; what a refund gave back to one is a row of its own with a negative amount, so that a
-- lot holds what it was given less all its uses. `restored` counts what refunds gave back of a use, wherever it went.
create table lot_use (
  member_id bigint not null,
  transfer_id bigint not null,
  lot_id bigint not null,
  amount bigint not null check (amount <> 0),
  restored bigint not null default 0 check (restored between 0 and greatest(amount, 0)),
  primary key (member_id, transfer_id, lot_id),
  foreign key (member_id, lot_id) references lot
) with (fillfactor = 80);
create index lot_use_of_lot on lot_use (member_id, lot_id);

-- What is kept from being spent otherwise. `expires_at` is its time-out; without one only a resolution ends it.
create table hold (
  member_id bigint not null,
  hold_id bigint generated always as identity,
  unit text not null,
  amount bigint not null check (amount > 0),
  captured bigint not null default 0 check (captured between 0 and amount),
  state text not null check (state in ('open', 'captured', 'released', 'timed_out')),
  reason text not null,
  channel text not null,
  key text not null,
  at timestamptz not null,
  expires_at timestamptz check (expires_at > at),
  settled_at timestamptz,
  primary key (member_id, hold_id),
  foreign key (member_id, unit) references account,
  check ((settled_at is null) = (state = 'open')),
  check ((captured > 0) = (state = 'captured'))
) with (fillfactor = 80);
create index hold_open on hold (member_id) where state = 'open';
create index hold_due on hold (expires_at) where state = 'open' and expires_at is not null;

create table hold_lot (
  member_id bigint not null,
  hold_id bigint not null,
  lot_id bigint not null,
  amount bigint not null check (amount > 0),
  captured bigint not null default 0 check (captured between 0 and amount),
  primary key (member_id, hold_id, lot_id),
  foreign key (member_id, hold_id) references hold,
  foreign key (member_id, lot_id) references lot
) with (fillfactor = 80);

-- A kill switch that is thrown: `action:redeem`, `reward:cinema`, `campaign:spring`.
create table switch (
  name text primary key check (name <> ''),
  since timestamptz not null,
  thrown_by text not null,
  reason text not null
);

-- Who did what: staff's acts, and why subscribers were refused. Rows are chained in batches, off the hot path.
create table audit_log (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  facts jsonb not null
);
create index audit_log_of_subject on audit_log (subject, audit_id);
create trigger insert_only before update or delete on audit_log for each row execute function refuse_change();
create trigger never_truncated before truncate on audit_log for each statement execute function refuse_change();

-- How many of a counted reward are left to order.
create table reward_stock (
  reward text primary key check (reward <> ''),
  remaining bigint not null check (remaining >= 0)
) with (fillfactor = 50);

-- Vouchers that somebody else issued and we hand on, sealed; each goes to one order.
create table voucher (
  reward text not null,
  voucher_id bigint generated always as identity,
  digest bytea not null unique check (octet_length(digest) = 16),
  cipher bytea not null,
  key_version smallint not null,
  order_id bigint,
  primary key (reward, voucher_id)
);
create index voucher_free on voucher (reward, voucher_id) where order_id is null;

-- What a member was told a reward costs; confirming it pays exactly that, once.
create table quote (
  member_id bigint not null references member,
  key text not null,
  reward text not null,
  unit text not null,
  price bigint not null check (price > 0),
  short_number text not null,
  at timestamptz not null,
  expires_at timestamptz not null check (expires_at > at),
  order_id bigint,
  primary key (member_id, key)
);

-- A reward on its way to a member, or come. `owner` is the process that is delivering it, until its lease ends (machine
-- time); a placed row's lease is how long it rests. `terms` are what the adapter needs.
create table reward_order (
  order_id bigint generated always as identity primary key,
  member_id bigint not null references member,
  reward text not null,
  fulfilment text not null,
  state text not null check (
    state in ('placed', 'calling', 'waiting', 'ready', 'parked', 'delivered', 'refused', 'expired')),
  reason text not null default '',
  unit text not null,
  price bigint not null check (price >= 0),
  hold_id bigint,
  transfer_id bigint,
  voucher_id bigint,
  counted boolean not null,
  handover_digest bytea unique check (octet_length(handover_digest) = 16),
  terms jsonb not null,
  notice jsonb,
  channel text not null,
  key text not null,
  pack_version_id integer not null references pack_version,
  at timestamptz not null,
  due_at timestamptz check (due_at > at),
  settled_at timestamptz,
  tries smallint not null default 0 check (tries >= 0),
  doubtful boolean not null default false,
  owner text,
  call_lease_until timestamptz,
  check ((owner is null) = (state <> 'calling')),
  check ((settled_at is null) = (state not in ('delivered', 'refused', 'expired')))
) with (fillfactor = 70);
create index reward_order_of_member on reward_order (member_id, order_id);
create index reward_order_open on reward_order (fulfilment, order_id) where state in ('placed', 'calling');
create index reward_order_unsettled on reward_order (state, order_id) where state in ('waiting', 'ready', 'parked');
create index reward_order_due on reward_order (due_at) where state in ('placed', 'waiting', 'ready');

-- A message that waits whether somebody saw the screen which says the same belongs to a `session`; once it was seen the
-- message is `withdrawn`.
alter table outbox
  drop constraint outbox_state_check,
  add constraint outbox_state_check check (
    state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'parked', 'in_doubt', 'withdrawn')),
  add column session text;
create index outbox_unseen on outbox (session) where session is not null and state = 'queued';

-- Journals grow at their end, so a block range is nearly a range of time and of ids: these indexes cost next to nothing.
create index transfer_by_time on transfer using brin (at);
create index transfer_by_id on transfer using brin (transfer_id);

-- Days of the programme's calendar whose sums are kept: reports read these, since no system account has a balance row.
create table closed_day (
  day date primary key,
  time_zone text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  at timestamptz not null
);
create table closing (
  day date not null references closed_day,
  account text not null,
  unit text not null,
  amount bigint not null,
  entries bigint not null check (entries > 0),
  primary key (day, account, unit)
);

-- A chain over each journal: a seal's digest is one of the seal before it and of its rows.
create table seal (
  journal text not null check (journal in ('transfer', 'audit')),
  seal_id integer not null check (seal_id > 0),
  after_id bigint not null,
  last_id bigint not null check (last_id > after_id),
  rows bigint not null check (rows > 0),
  digest bytea not null check (octet_length(digest) = 32),
  at timestamptz not null,
  primary key (journal, seal_id)
);
create trigger insert_only before update or delete on seal for each row execute function refuse_change();
create trigger never_truncated before truncate on seal for each statement execute function refuse_change();

-- The highest id of a journal that somebody saw. Ids are drawn before rows are in, so what is below may still come: until
-- `noted_lease_until` (machine time), which is longer than any transaction lasts.
create table seal_mark (
  journal text primary key,
  noted_id bigint not null,
  noted_lease_until timestamptz not null
);
