-- Gives a hop back unanswered, so that a repeat may be answered at once.
-- KEYS[1] the session; ARGV: uid, version, ttl_ms
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if s and s.uid == ARGV[1] and s.version == tonumber(ARGV[2]) then
  s.lease_until, s.lease_token = nil, nil
  redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[3])
end
return 0
