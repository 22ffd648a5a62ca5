-- Notes that an access token of a generation was seen, so that its parent renewal token counts as replaced.
-- KEYS[1] session
-- ARGV[1] generation  ARGV[2] now in ms for tests, or ''
-- Outcomes: 'marked' | 'known' | 'gone'
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local s = redis.call('HMGET', KEYS[1], 'state', 'usedGeneration', 'generation')
if s[1] ~= 'active' then return 'gone' end
local generation = tonumber(ARGV[1])
if generation > tonumber(s[3]) then return 'known' end
redis.call('HSET', KEYS[1], 'lastSeenMs', nowMs(ARGV[2]))
if generation <= tonumber(s[2]) then return 'known' end
redis.call('HSET', KEYS[1], 'usedGeneration', generation)
return 'marked'
