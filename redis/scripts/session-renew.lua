#!lua flags=allow-oom
-- Decides one renewal. G is the session's generation, g the token's. A retry of the same call converges.
--   g = G: rotate | g = G-1, in the grace or the child unused: the current pair again | other g < G: reuse, revoke
--   | g > G: not issued by us (RFC 9700 4.14.2, FAPI 2.0 5.3.2.1)
-- The session index keeps a session that ends here; its readers look at the state, the next sign-in sweeps it.
-- KEYS[1] session  KEYS[2] expiry  KEYS[3] events  KEYS[4] newest generation that a broker has seen
-- ARGV[1] sid  ARGV[2] g, or '' to rotate whatever is current  ARGV[3] access life in s  ARGV[4] idle life in s  ARGV[5] grace in s
-- ARGV[6] now in ms for tests, or ''
-- Outcomes: {'rotated' | 'repeated', nowMs, G, accessUntilMs, idleUntilMs, absoluteUntilMs, uid, username, roles,
--   authTimeSeconds, amr} | {'refused', 'unknown' | 'revoked' | 'idle' | 'absolute' | 'not-issued'}
--   | {'reuse', 'late-parent' | 'ancestor'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local s = redis.call('HMGET', KEYS[1], 'state', 'generation', 'usedGeneration', 'rotatedAtMs', 'idleUntilMs',
  'absoluteUntilMs', 'accessUntilMs', 'uid', 'username', 'roles', 'authTimeSeconds', 'idleSeconds', 'amr')
if not s[1] then return {'refused', 'unknown'} end
if s[1] ~= 'active' then return {'refused', 'revoked'} end
local now = nowMs(ARGV[6])
local absoluteUntil = tonumber(s[6])
if now >= absoluteUntil then return {'refused', 'absolute'} end
if now >= tonumber(s[5]) then return {'refused', 'idle'} end

local G = tonumber(s[2])
local g = tonumber(ARGV[2]) or G

local function event(kind, reason)
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', kind, 'uid', s[8], 'sid', ARGV[1],
    'reason', reason, 'actor', 'system', 'atMs', now)
end

local function childUsed()
  if tonumber(s[3]) >= G then return true end
  return tonumber(redis.call('ZSCORE', KEYS[4], 'generation') or 0) >= G
end

local function answer(outcome, generation)
  local idleLife = math.min(ARGV[4], tonumber(s[12]) or ARGV[4])
  local idleUntil = math.min(now + idleLife * 1000, absoluteUntil)
  local accessUntil = math.min((math.floor(now / 1000) + ARGV[3]) * 1000, idleUntil)
  accessUntil = math.max(accessUntil, tonumber(s[7]))
  redis.call('HSET', KEYS[1], 'idleUntilMs', idleUntil, 'accessUntilMs', accessUntil, 'lastSeenMs', now)
  redis.call('ZADD', KEYS[2], accessUntil, ARGV[1])
  return {outcome, now, generation, accessUntil, idleUntil, absoluteUntil, s[8], s[9], s[10], tonumber(s[11]),
    s[13]}
end

if g > G then
  event('renewal-not-issued', 'not-issued')
  return {'refused', 'not-issued'}
end
if g == G then
  redis.call('HSET', KEYS[1], 'generation', G + 1, 'usedGeneration', G, 'rotatedAtMs', now)
  return answer('rotated', G + 1)
end
local sinceRotation = now - tonumber(s[4])
local inGrace = sinceRotation >= 0 and sinceRotation <= ARGV[5] * 1000
if g == G - 1 and (inGrace or not childUsed()) then
  -- Nobody has got the child so far: the grace of this device's other tabs begins with the answer that arrives.
  if not childUsed() then redis.call('HSET', KEYS[1], 'rotatedAtMs', now) end
  return answer('repeated', G)
end

local case = g == G - 1 and 'late-parent' or 'ancestor'
redis.call('HSET', KEYS[1], 'state', 'revoked', 'reason', 'reuse', 'actor', 'system', 'endedAtMs', now)
redis.call('ZREM', KEYS[2], ARGV[1])
event('reuse-detected', case)
event('session-revoked', 'reuse')
return {'reuse', case}
