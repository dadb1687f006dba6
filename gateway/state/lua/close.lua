-- Marks a session as over: the other side says so, or its subscriber went on in another. Answers its uid, its state, and
-- whether a hop of it is being answered (0 or 1); or empty strings and 0 when it is not there.
-- KEYS[1]  the session
-- KEYS[2]  where the number's last session can be picked up, if this one shall not be: its subscriber ended it
-- ARGV     ttl_ms
local UID, DONE, LEASE_UNTIL, STATE = 1, 6, 7, 11
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if not s then
  return {'', '', 0}
end
s[DONE] = true
redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[1])
local kept = KEYS[2] and redis.call('GET', KEYS[2])
if kept and cmsgpack.unpack(kept)[1] == s[UID] then
  redis.call('DEL', KEYS[2])
end
local clock = redis.call('TIME')
local now_ms = clock[1] * 1000 + math.floor(clock[2] / 1000)
return {s[UID], s[STATE], s[LEASE_UNTIL] > now_ms and 1 or 0}
