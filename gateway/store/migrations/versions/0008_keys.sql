-- Keys that rotate (decision 0015). A version is here while anything is under it, known again by a keyed digest of a
-- constant: a process that does not hold each of them would not find members, and must not serve.

create table number_key (
  key_version smallint primary key check (key_version > 0),
  key_check bytea not null,
  in_force boolean not null
);
create unique index number_key_in_force on number_key (in_force) where in_force;

-- So far a database knew one key. Without a row under it, it makes no difference which.
insert into number_key (key_version, key_check, in_force)
select n.key_version, d.number_key_check, true
  from deployment d, (select max(m.key_version) as key_version from member_number m) as n
 where d.number_key_check is not null and n.key_version is not null;

-- What requests said is digested under a key of their own, which is sealed and never changes: repeats are known for ever.
alter table deployment
  drop column number_key_check,
  add column request_key_cipher bytea,
  add column request_key_version smallint references number_key,
  add constraint deployment_request_key_check check ((request_key_cipher is null) = (request_key_version is null));

alter table member_number add constraint member_number_key_fkey foreign key (key_version) references number_key;
alter table voucher add constraint voucher_key_fkey foreign key (key_version) references number_key;
alter table inbox add constraint inbox_key_fkey foreign key (content_key_version) references number_key;
alter table inbox_part add constraint inbox_part_key_fkey foreign key (content_key_version) references number_key;
create index outbox_sealed on outbox (message_id) where facts ? 'sealed';

-- One number, one member: nobody writes a number under a version while somebody else writes it under another. The lock
-- is shared with all who write numbers, and taken alone by whoever puts another version in force.
create function refuse_stale_key() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(x'6e756d6b6579'::bigint);
  if not exists (select from public.number_key k where k.key_version = new.key_version and k.in_force) then
    raise exception 'number key % is not in force', new.key_version using errcode = 'object_not_in_prerequisite_state';
  end if;
  return new;
end $$;
create trigger under_key_in_force before insert on member_number for each row execute function refuse_stale_key();

-- A version under which no code is alive is `retired`: it may be forgotten, its rows stay.
alter table code_key
  add column in_force boolean not null default false,
  add column retired boolean not null default false;
update code_key set in_force = true where key_version = (select max(k.key_version) from code_key k);
create unique index code_key_in_force on code_key (in_force) where in_force;

-- Under which version an order's hand-over code is found. Not known of those that are here.
alter table reward_order add column handover_key_version smallint references code_key;
