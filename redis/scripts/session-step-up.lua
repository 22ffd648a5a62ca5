-- Renews the authentication time of a live session, and its methods: its person has just proved again who they are.
-- KEYS[1] session
-- ARGV[1] amr (csv)  ARGV[2] now in ms for tests, or ''
-- Outcomes: 'renewed' | 'gone'
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

if redis.call('HGET', KEYS[1], 'state') ~= 'active' then return 'gone' end
redis.call('HSET', KEYS[1], 'authTimeSeconds', math.floor(nowMs(ARGV[2]) / 1000), 'amr', ARGV[1])
return 'renewed'
