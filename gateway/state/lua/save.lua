-- Saves a hop's answer, if the session is still as it was opened: compare and set.
-- KEYS[1]  the session
-- ARGV     uid, version, hop, reply, state, done (0 or 1), at_ms, idle_ms, ttl_ms
-- Answers  the reply that stands: ours, or that of whoever was first.
-- Nothing is stored for a session that is no longer there; the answer is ours all the same.
local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if not s or s.uid ~= ARGV[1] then
  return ARGV[4]
end
if s.version ~= tonumber(ARGV[2]) then
  return s.reply
end
local clock = redis.call('TIME')
s.version = s.version + 1
s.hop, s.reply, s.state = ARGV[3], ARGV[4], ARGV[5]
s.done = s.done or (ARGV[6] == '1' or nil)
s.answered = clock[1] * 1000 + math.floor(clock[2] / 1000)
if not s.done then
  s.ends = math.min(s.total_ends, tonumber(ARGV[7]) + tonumber(ARGV[8]))
end
s.lease_until, s.lease_token = nil, nil
redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[9])
return s.reply
