-- Lets an API key have a token from now on for some time, and with it MQTT rights for as long.
-- KEYS[1] session of the key  KEYS[2] expiry
-- ARGV[1] sid  ARGV[2] life of the token in s  ARGV[3] now in ms for tests, or ''
-- Outcomes: {'taken', nowMs, generation, accessUntilMs, idleUntilMs, absoluteUntilMs, uid, username, roles,
--   authTimeSeconds, amr} | {'refused', 'unknown' | 'expired'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local s = redis.call('HMGET', KEYS[1], 'state', 'generation', 'accessUntilMs', 'absoluteUntilMs', 'uid', 'username',
  'roles', 'authTimeSeconds', 'amr', 'apiKey')
if s[1] ~= 'active' or not s[10] then return {'refused', 'unknown'} end
local now = nowMs(ARGV[3])
local absoluteUntil = tonumber(s[4])
if now >= absoluteUntil then return {'refused', 'expired'} end

local accessUntil = math.min((math.floor(now / 1000) + ARGV[2]) * 1000, absoluteUntil)
accessUntil = math.max(accessUntil, tonumber(s[3]))
redis.call('HSET', KEYS[1], 'accessUntilMs', accessUntil)
redis.call('ZADD', KEYS[2], accessUntil, ARGV[1])
return {'taken', now, tonumber(s[2]), accessUntil, absoluteUntil, absoluteUntil, s[5], s[6], s[7], tonumber(s[8]), s[9]}
