-- Writes of the API, each once for a caller's key: the answer is kept in the transaction of the effect.

-- Begin a request, or find how it was answered (no row: it is new). One that is under way is waited for: it has the lock
-- until it ends. A gateway that freezes in the middle is hung up on, so that nobody waits for it longer than that.
create function api_request_begun(p_key_name text, p_key text, p_digest bytea)
returns table (same boolean, status smallint, body text)
language plpgsql
as $$
begin
  perform set_config('idle_in_transaction_session_timeout', '5s', true);
  perform pg_advisory_xact_lock(hashtext(p_key_name), hashtext(p_key));
  return query
    select r.request_digest = p_digest, r.status, r.body
      from api_request r where r.key_name = p_key_name and r.key = p_key;
end $$;

-- How it was answered.
create function api_request_answered(
  p_key_name text, p_key text, p_digest bytea, p_status smallint, p_body text, p_at timestamptz
) returns void
language sql
as $$
  insert into api_request (key_name, key, request_digest, status, body, at)
  values (p_key_name, p_key, p_digest, p_status, p_body, p_at)
$$;
