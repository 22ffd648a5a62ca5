-- Keeps an invitation until its end, with its place in the list.
-- KEYS[1] invitation  KEYS[2] index
-- ARGV[1] id  ARGV[2] life in s, or ''  ARGV[3] its end in ms, where there is no life: one that was taken comes back
-- ARGV[4] now in ms for tests, or ''  ARGV[5..] its fields, names and values by turns
-- Outcomes: {'kept', end in ms} | {'over'} its end has passed
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = nowMs(ARGV[4])
local untilMs = tonumber(ARGV[3])
if ARGV[2] ~= '' then untilMs = now + ARGV[2] * 1000 end
if untilMs <= now then return {'over'} end
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('HSET', KEYS[1], 'untilMs', untilMs)
redis.call('PEXPIREAT', KEYS[1], untilMs)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZADD', KEYS[2], untilMs, ARGV[1])
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[2], last[2])
return {'kept', untilMs}
