-- The API's callers, by a digest of their secret.

-- Those that may call, of the digests that were asked for. `ord` is from 1.
create function api_keys_seen(p_digests bytea[]) returns table (ord integer, name text, scopes text[])
language sql stable
as $$
  select d.ord::integer, k.name, k.scopes
    from unnest(p_digests) with ordinality as d (digest, ord)
    join api_key k on k.digest = d.digest
   where k.revoked_at is null
$$;

-- A new key; false when there is or was one of that name.
create function api_key_created(p_name text, p_digest bytea, p_scopes text[], p_actor text, p_at timestamptz)
returns boolean
language plpgsql
as $$
begin
  insert into api_key (name, digest, scopes, created_by, created_at) values (p_name, p_digest, p_scopes, p_actor, p_at)
  on conflict (name) do nothing;
  if not found then
    return false;
  end if;
  perform audit(p_at, p_actor, 'create_key', 'key:' || p_name, jsonb_build_object('scopes', p_scopes));
  return true;
end $$;

-- End a key for ever; false when there is none, or it was ended before.
create function api_key_revoked(p_name text, p_actor text, p_at timestamptz) returns boolean
language plpgsql
as $$
begin
  update api_key k set revoked_at = p_at where k.name = p_name and k.revoked_at is null;
  if not found then
    return false;
  end if;
  perform audit(p_at, p_actor, 'revoke_key', 'key:' || p_name, '{}');
  return true;
end $$;

-- All keys, also those that were ended.
create function api_keys_list() returns table (
  name text, scopes text[], created_by text, created_at timestamptz, revoked_at timestamptz
)
language sql stable
as $$ select k.name, k.scopes, k.created_by, k.created_at, k.revoked_at from api_key k order by k.name $$;
