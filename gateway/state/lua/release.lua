-- Gives a hop back unanswered, so that a repeat may be answered at once.
-- KEYS[1] the session; ARGV: uid, version, ttl_ms
local UID, VERSION, LEASE_UNTIL, LEASE_TOKEN = 1, 2, 7, 8
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if s and s[UID] == ARGV[1] and s[VERSION] == tonumber(ARGV[2]) then
  s[LEASE_UNTIL], s[LEASE_TOKEN] = 0, ''
  redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[3])
end
return 0
