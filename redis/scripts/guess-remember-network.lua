-- Remembers a network where the owner of an account has just signed in. The longest unused ones give way.
-- KEYS[1] known networks
-- ARGV[1] network  ARGV[2] most networks  ARGV[3] a network stays known for this time in s
-- ARGV[4] now in ms for tests, or ''
-- Outcomes: 'new' | 'known'
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = nowMs(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3] * 1000)
local added = redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
if added == 1 then return 'new' end
return 'known'
