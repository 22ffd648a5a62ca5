#!lua flags=allow-oom
-- Disables, enables or deletes a device. Its record stays as a tombstone, so that no check finds a gap.
-- Repeating it is harmless.
-- KEYS[1] device  KEYS[2] devices of the partition  KEYS[3] events
-- ARGV[1] new state: active | disabled | deleted  ARGV[2] reason  ARGV[3] actor  ARGV[4] now in ms for tests, or ''
-- Outcomes: {'changed'} | {'unchanged'} | {'refused', 'unknown'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local device = redis.call('HMGET', KEYS[1], 'id', 'state')
if not device[1] then return {'refused', 'unknown'} end
if device[2] == ARGV[1] then return {'unchanged'} end
if device[2] == 'deleted' then return {'refused', 'unknown'} end
local now = nowMs(ARGV[4])
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'reason', ARGV[2], 'actor', ARGV[3], 'endedAtMs', now)
if ARGV[1] == 'deleted' then
  redis.call('HDEL', KEYS[1], 'keyHash', 'previousKeyHash', 'previousKeyUntilMs')
  redis.call('ZREM', KEYS[2], device[1])
  redis.call('EXPIRE', KEYS[1], 7776000)
end
local events = { active = 'device-enabled', disabled = 'device-disabled', deleted = 'device-deleted' }
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', events[ARGV[1]], 'device', device[1],
  'reason', ARGV[2], 'actor', ARGV[3], 'atMs', now)
return {'changed'}
