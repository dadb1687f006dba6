-- What works by itself: jobs with their leases, and the name under which others know our orders.

-- `owner` is the run that has the job until `job_lease_until`. Times are the machine's: they say when to run again.
create table job (
  name text primary key check (name <> ''),
  owner text,
  job_lease_until timestamptz,
  last_ran_at timestamptz,
  last_success_at timestamptz,
  last_result text not null default '',
  check ((owner is null) = (job_lease_until is null))
);

-- Whoever delivers orders for us knows them by this and their number. It is drawn once, and not derived from a key: keys
-- rotate, and an order that changed its name would be delivered again.
alter table deployment add column order_prefix text not null default left(gen_random_uuid()::text, 8);
