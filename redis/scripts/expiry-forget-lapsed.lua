-- Forgets sessions whose newest access token lapsed long ago: whoever kicks the lapsed ones has done so. A renewal
-- that comes later lists its session again.
-- KEYS[1] expiry
-- ARGV[1] how long ago in ms  ARGV[2] most sessions in one step  ARGV[3] now in ms for tests, or ''
-- Outcomes: {'forgotten', number of sessions}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local untilMs = nowMs(ARGV[3]) - ARGV[1]
local sids = redis.call('ZRANGE', KEYS[1], '-inf', untilMs, 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, sid in ipairs(sids) do redis.call('ZREM', KEYS[1], sid) end
return {'forgotten', #sids}
