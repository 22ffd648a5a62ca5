#!lua flags=allow-oom
-- Disables, enables or deletes a device. Its record stays as a tombstone, so that no check finds a gap.
-- Repeating it is harmless. Its owner can't lift what somebody else has ordered; who disables what its owner has disabled
-- takes that over.
-- KEYS[1] device  KEYS[2] devices of the partition  KEYS[3] events
-- ARGV[1] new state: active | disabled | deleted  ARGV[2] reason  ARGV[3] actor  ARGV[4] now in ms for tests, or ''
-- ARGV[5] uid of the owner who acts, to whom other people's devices are unknown, or '' = somebody who acts on any device
-- Outcomes: {'changed'} | {'unchanged'} | {'refused', 'unknown' | 'not-the-owners'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local device = redis.call('HMGET', KEYS[1], 'id', 'state', 'owner', 'actor')
if not device[1] then return {'refused', 'unknown'} end
local byOwner = ARGV[5] ~= ''
if byOwner and device[3] ~= ARGV[5] then return {'refused', 'unknown'} end
if device[2] == ARGV[1] then
  if device[2] == 'disabled' and not byOwner and device[4] == device[3] then
    redis.call('HSET', KEYS[1], 'reason', ARGV[2], 'actor', ARGV[3])
  end
  return {'unchanged'}
end
if device[2] == 'deleted' then return {'refused', 'unknown'} end
if byOwner and device[2] == 'disabled' and device[4] ~= ARGV[5] then return {'refused', 'not-the-owners'} end
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
