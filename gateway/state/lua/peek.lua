-- Reads a session for whoever looks, and changes nothing.
-- KEYS[1]  the session
-- Answers  {uid, version, ends_ms, total_ends_ms, done (0 or 1), lease_until_ms, hop, reply, state, ttl_ms}, or nothing.
local stored = redis.call('GET', KEYS[1])
if not stored then
  return {}
end
local s = cmsgpack.unpack(stored)
return {s[1], s[2], s[3], s[4], s[6] and 1 or 0, s[7], s[9], s[10], s[11], redis.call('PTTL', KEYS[1])}
