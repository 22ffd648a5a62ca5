-- Replaces the rules document if the version is still the one that the editor saw, keeps it in the history and appends
-- the event. Counts at the next check.
-- KEYS[1] rules  KEYS[2] history  KEYS[3] events of the rules
-- ARGV[1] version seen, or '0' if there was none  ARGV[2] new version  ARGV[3] new document (JSON)  ARGV[4] actor
-- ARGV[5] version whose content comes back, or ''  ARGV[6] most versions in the history
-- ARGV[7] now in ms for tests, or ''
-- Outcomes: {'replaced', version} | {'conflict', version in force}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local current = redis.call('HGET', KEYS[1], 'version') or '0'
if current ~= ARGV[1] then return {'conflict', current} end
local now = string.format('%.0f', nowMs(ARGV[7]))
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3], 'actor', ARGV[4], 'atMs', now)
redis.call('LPUSH', KEYS[2], cjson.encode({
  version = ARGV[2], document = ARGV[3], actor = ARGV[4], atMs = now, rolledBackTo = ARGV[5]
}))
redis.call('LTRIM', KEYS[2], 0, ARGV[6] - 1)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 1000, '*', 'type', 'rules-changed', 'version', ARGV[2],
  'actor', ARGV[4], 'atMs', now)
return {'replaced', ARGV[2]}
