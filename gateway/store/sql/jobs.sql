-- Jobs: which process runs one now, and how it went the last time. Times are the machine's, and arguments.

-- Take a job for one run; false while another process has it, or when it ran after `p_ran_before`. An owner is of one run.
create function job_taken(
  p_name text, p_owner text, p_lease_until timestamptz, p_ran_before timestamptz, p_now timestamptz
) returns boolean
language plpgsql
as $$
begin
  insert into job (name) values (p_name) on conflict (name) do nothing;
  update job j set owner = p_owner, job_lease_until = p_lease_until
   where j.name = p_name
     and (j.owner = p_owner
          or ((j.owner is null or j.job_lease_until <= p_now)
              and (j.last_ran_at is null or j.last_ran_at <= p_ran_before)));
  return found;
end $$;

-- A run is over; nothing happens when another process has taken the job since.
create function job_ended(p_name text, p_owner text, p_ran_at timestamptz, p_well boolean, p_result text) returns boolean
language plpgsql
as $$
begin
  update job j
     set owner = null, job_lease_until = null, last_ran_at = p_ran_at, last_result = p_result,
         last_success_at = case when p_well then p_ran_at else j.last_success_at end
   where j.name = p_name and j.owner = p_owner;
  return found;
end $$;

-- The jobs that ever ran.
create function jobs_list() returns table (
  name text, owner text, job_lease_until timestamptz, last_ran_at timestamptz, last_success_at timestamptz,
  last_result text
)
language sql stable
as $$
  select j.name, j.owner, j.job_lease_until, j.last_ran_at, j.last_success_at, j.last_result from job j order by j.name
$$;
