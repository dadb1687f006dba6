-- Opens a hop: one call decides whether it was answered, is being answered, or is ours to answer.
-- KEYS[1]  the session
-- ARGV     hop, opening (0 or 1), at_ms, total_ms, lease_ms, replay_ms (0: as long as the session lives; -1: never),
--          ttl_ms, identity (history, sequence, transaction or none), token
-- Answers  {status, uid, version, hop, state, reply}; status is replay, late, busy, done, new or live.
-- at_ms is programme time and decides what lives; leases and repeats are machine time.
-- A session is an array: the names of its fields, a tenth of it, are kept here and not in each. No lease is 0, no
-- text is empty.
local UID, VERSION, ENDS, TOTAL_ENDS, ANSWERED, DONE = 1, 2, 3, 4, 5, 6
local LEASE_UNTIL, LEASE_TOKEN, HOP, REPLY, STATE, EARLIER = 7, 8, 9, 10, 11, 12
local hop, opening, at_ms = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local replay_ms, identity, token = tonumber(ARGV[6]), ARGV[8], ARGV[9]
local clock = redis.call('TIME')
local now_ms = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function answer(status, s)
  return {status, s[UID], s[VERSION], s[HOP], s[STATE], s[REPLY]}
end
-- Whether a hop that is not the last one answered came before it. Of a history the conversation knows.
local function is_late(s)
  if s[REPLY] == '' or identity == 'none' then
    return false
  elseif opening then
    return true
  elseif identity == 'sequence' then
    return s[HOP] ~= '' and tonumber(hop) < tonumber(s[HOP])
  end
  return identity == 'transaction' and string.find(s[EARLIER] or '', ' ' .. hop .. ' ', 1, true) ~= nil
end
local function lease(s)
  s[LEASE_UNTIL], s[LEASE_TOKEN] = now_ms + tonumber(ARGV[5]), token
  redis.call('SET', KEYS[1], cmsgpack.pack(s), 'PX', ARGV[7])
end

local stored = redis.call('GET', KEYS[1])
local s = stored and cmsgpack.unpack(stored)
if s and at_ms < s[ENDS] then
  if s[LEASE_UNTIL] > now_ms and s[LEASE_TOKEN] ~= token then
    return answer('busy', s)
  end
  if s[REPLY] ~= '' and s[HOP] == hop and (replay_ms == 0 or now_ms - s[ANSWERED] <= replay_ms) then
    return answer('replay', s)
  end
  if not (opening and (s[DONE] or identity == 'none')) then
    if s[DONE] then
      return answer('done', s)
    end
    if is_late(s) then
      return answer('late', s)
    end
    lease(s)
    return answer('live', s)
  end
end

if s and not opening and identity ~= 'none' then
  return answer('done', s)  -- it ended by its time: what follows belongs to nothing
end
local total_ends = at_ms + tonumber(ARGV[4])
s = {token, 0, total_ends, total_ends, 0, false, 0, '', '', '', ''}
lease(s)
return answer('new', s)
