-- Opens a hop: one call decides whether it was answered, is being answered, or is ours to answer.
-- KEYS[1]  the session
-- KEYS[2]  where the number's last session can be picked up, if sessions resume here at all
-- ARGV     hop, opening (0 or 1), at_ms, total_ms, lease_ms, replay_ms (0: as long as the session lives; -1: never),
--          ttl_ms, identity (history, sequence, transaction or none), token, code (what was dialled, as resuming
--          compares it), within_ms (how old a session may be that is picked up; 0: none is)
-- Answers  {status, uid, version, hop, state, reply, thought_ms}; status is replay, late, busy, done, new or live. To a
--          new one, the dropped session that it may go on from: its uid, its name and its state behind these.
-- at_ms is programme time and decides what lives; leases, repeats and thought_ms are machine time.
-- A session is an array: the names of its fields, a tenth of it, are kept here and not in each. No lease is 0, no
-- text is empty. What can be picked up is {uid, name, code, at_ms, state}: a session's, and only while its last hop is
-- answered, so that nobody goes on from a screen whose key is still at work.
local UID, VERSION, ENDS, TOTAL_ENDS, ANSWERED, DONE = 1, 2, 3, 4, 5, 6
local LEASE_UNTIL, LEASE_TOKEN, HOP, REPLY, STATE, CODE, EARLIER = 7, 8, 9, 10, 11, 12, 13
local hop, opening, at_ms = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local replay_ms, identity, token = tonumber(ARGV[6]), ARGV[8], ARGV[9]
local code, within_ms = ARGV[10], tonumber(ARGV[11])
local clock = redis.call('TIME')
local now_ms = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function answer(status, s)
  local thought_ms = s[ANSWERED] > 0 and now_ms - s[ANSWERED] or 0
  return {status, s[UID], s[VERSION], s[HOP], s[STATE], s[REPLY], thought_ms}
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
local function last_session()
  local kept = KEYS[2] and redis.call('GET', KEYS[2])
  return kept and cmsgpack.unpack(kept)
end
-- A hop that has no answer yet: of a session that was answered before, so that it cannot be picked up meanwhile, or the
-- first one, which may go on from a session that was dropped.
local function begun(status, s)
  lease(s)
  local answered, last = answer(status, s), last_session()
  if last and s[REPLY] ~= '' and last[1] == s[UID] then
    redis.call('DEL', KEYS[2])
  elseif last and s[REPLY] == '' and last[1] ~= s[UID] and last[3] == code and at_ms - last[4] < within_ms then
    answered[8], answered[9], answered[10] = last[1], last[2], last[5]
  end
  return answered
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
    return begun('live', s)
  end
end

if s and not opening and identity ~= 'none' then
  return answer('done', s)  -- it ended by its time: what follows belongs to nothing
end
local total_ends = at_ms + tonumber(ARGV[4])
s = {token, 0, total_ends, total_ends, 0, false, 0, '', '', '', '', code}
return begun('new', s)
