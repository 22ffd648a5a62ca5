-- Forgets what is kept about the connections of a session or device that is gone, or that ended so long ago that its
-- clients have been kicked.
-- KEYS[1] session or device  KEYS[2] its client ids, or the generation that brokers have seen
-- ARGV[1] how long ago in ms  ARGV[2] now in ms for tests, or ''
-- Outcomes: 'forgotten' | 'kept'
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local owner = redis.call('HMGET', KEYS[1], 'state', 'endedAtMs')
if owner[1] == 'active' then return 'kept' end
if owner[1] and nowMs(ARGV[2]) - (tonumber(owner[2]) or math.huge) < tonumber(ARGV[1]) then return 'kept' end
redis.call('DEL', KEYS[2])
return 'forgotten'
