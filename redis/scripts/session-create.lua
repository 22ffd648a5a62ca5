-- Creates a session for an active account whose epoch is still the one that the sign-in saw, and ends the longest
-- idle ones above the limit. All or nothing.
-- KEYS[1] account  KEYS[2] session index  KEYS[3] expiry  KEYS[4] events  KEYS[5] new session
-- KEYS[6..] every session that the caller found in the index
-- ARGV[1] new sid  ARGV[2] epoch seen  ARGV[3] access life in s  ARGV[4] idle life in s  ARGV[5] absolute life in s
-- ARGV[6] most live sessions  ARGV[7] amr (csv)  ARGV[8] ip  ARGV[9] label of the user agent
-- ARGV[10] now in ms for tests, or ''  ARGV[11] idle life in s that each renewal of this session keeps to, or ''
-- ARGV[12] fingerprint, or ''  ARGV[13..] the sids of KEYS[6..], in their order
-- Outcomes: {'created', nowMs, 1, accessUntilMs, idleUntilMs, absoluteUntilMs, uid, username, roles, authTimeSeconds,
--   amr}
--   | {'refused', 'unknown' | 'disabled' | 'epoch'} | {'stale'} the index has changed: read it again
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'username', 'roles', 'state', 'epoch', 'locked')
if not account[1] then return {'refused', 'unknown'} end
if account[4] ~= 'active' or account[6] == '1' then return {'refused', 'disabled'} end
if account[5] ~= ARGV[2] then return {'refused', 'epoch'} end

local now = nowMs(ARGV[10])
local known = {}
for i = 13, #ARGV do known[ARGV[i]] = KEYS[i - 7] end
local live = {}
for _, sid in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if not known[sid] then return {'stale'} end
  local seen = redis.call('HMGET', known[sid], 'state', 'lastSeenMs', 'absoluteUntilMs', 'idleUntilMs')
  if seen[1] == 'active' and tonumber(seen[3]) > now and tonumber(seen[4]) > now then
    table.insert(live, { sid = sid, lastSeenMs = tonumber(seen[2]) })
  else
    if seen[1] == 'active' then
      redis.call('HSET', known[sid], 'state', 'revoked', 'reason', 'expired', 'actor', 'system', 'endedAtMs', now)
    end
    redis.call('ZREM', KEYS[2], sid)
  end
end

table.sort(live, function(a, b) return a.lastSeenMs < b.lastSeenMs end)
for i = 1, #live - tonumber(ARGV[6]) + 1 do
  local sid = live[i].sid
  redis.call('HSET', known[sid], 'state', 'revoked', 'reason', 'session-limit', 'actor', 'system', 'endedAtMs', now)
  redis.call('ZREM', KEYS[2], sid)
  redis.call('ZREM', KEYS[3], sid)
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', 'session-revoked', 'uid', account[1], 'sid', sid,
    'reason', 'session-limit', 'actor', 'system', 'atMs', now)
end

local absoluteUntil = now + ARGV[5] * 1000
local idleLife = math.min(ARGV[4], tonumber(ARGV[11]) or ARGV[4])
local idleUntil = math.min(now + idleLife * 1000, absoluteUntil)
local accessUntil = math.min((math.floor(now / 1000) + ARGV[3]) * 1000, idleUntil)
local authTime = math.floor(now / 1000)
redis.call('HSET', KEYS[5], 'uid', account[1], 'username', account[2], 'roles', account[3], 'state', 'active',
  'generation', 1, 'usedGeneration', 0, 'rotatedAtMs', now, 'createdAtMs', now, 'authTimeSeconds', authTime,
  'amr', ARGV[7], 'pending', '', 'idleUntilMs', idleUntil, 'absoluteUntilMs', absoluteUntil,
  'accessUntilMs', accessUntil, 'ip', ARGV[8], 'label', ARGV[9], 'lastSeenMs', now)
if ARGV[11] ~= '' then redis.call('HSET', KEYS[5], 'idleSeconds', ARGV[11]) end
if ARGV[12] ~= '' then redis.call('HSET', KEYS[5], 'fingerprint', ARGV[12]) end
redis.call('PEXPIREAT', KEYS[5], absoluteUntil + 86400000)
redis.call('ZADD', KEYS[2], absoluteUntil, ARGV[1])
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], last[2] + 86400000)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 86400000)
redis.call('ZADD', KEYS[3], accessUntil, ARGV[1])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', 'session-created', 'uid', account[1], 'sid', ARGV[1],
  'atMs', now)
return {'created', now, 1, accessUntil, idleUntil, absoluteUntil, account[1], account[2], account[3], authTime,
  ARGV[7]}
