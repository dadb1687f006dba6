-- Marks a session as over: the other side says so. Answers its uid and its state, or empty strings when it is not there.
-- KEYS[1] the session; ARGV: ttl_ms
local UID, DONE, STATE = 1, 6, 11
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if not s then
  return {'', ''}
end
s[DONE] = true
redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[1])
return {s[UID], s[STATE]}
