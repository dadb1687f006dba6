-- Saves a hop's answer, if the session is still as it was opened: compare and set.
-- KEYS[1]  the session
-- KEYS[2]  where the number's last session can be picked up, if sessions resume here at all
-- ARGV     uid, version, hop, reply, state, done (0 or 1), at_ms, idle_ms, ttl_ms, earlier_max (octets of the
--          answered hops' ids that are kept beside the last; 0: none), last (write: this session can be picked up from
--          here; drop: none of the number can; keep: what could be before still can)
-- Answers  the reply that stands: ours, or that of whoever was first.
-- Nothing is stored for a session that is no longer there; the answer is ours all the same.
local UID, VERSION, ENDS, TOTAL_ENDS, ANSWERED, DONE = 1, 2, 3, 4, 5, 6
local LEASE_UNTIL, LEASE_TOKEN, HOP, REPLY, STATE, CODE, EARLIER = 7, 8, 9, 10, 11, 12, 13
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if not s or s[UID] ~= ARGV[1] then
  return ARGV[4]
end
if s[VERSION] ~= tonumber(ARGV[2]) then
  return s[REPLY]
end
local clock = redis.call('TIME')
if ARGV[10] ~= '0' then
  s[EARLIER] = string.sub((s[EARLIER] or ' ') .. s[HOP] .. ' ', -tonumber(ARGV[10]))
end
s[VERSION] = s[VERSION] + 1
s[HOP], s[REPLY], s[STATE] = ARGV[3], ARGV[4], ARGV[5]
s[DONE] = s[DONE] or ARGV[6] == '1'
s[ANSWERED] = clock[1] * 1000 + math.floor(clock[2] / 1000)
if not s[DONE] then
  s[ENDS] = math.min(s[TOTAL_ENDS], tonumber(ARGV[7]) + tonumber(ARGV[8]))
end
s[LEASE_UNTIL], s[LEASE_TOKEN] = 0, ''
redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[9])
if KEYS[2] and ARGV[11] == 'write' then
  redis.call('SET', KEYS[2], cmsgpack.pack({s[UID], KEYS[1], s[CODE], tonumber(ARGV[7]), ARGV[5]}), 'PX', ARGV[9])
elseif KEYS[2] and ARGV[11] == 'drop' then
  redis.call('DEL', KEYS[2])
end
return s[REPLY]
