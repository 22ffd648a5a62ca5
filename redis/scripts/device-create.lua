-- Creates a device. A deleted device's id can be used again; its old key can't, and by the higher epoch neither can a
-- connection that it opened.
-- KEYS[1] device  KEYS[2] devices of the partition  KEYS[3] events
-- ARGV[1] device id  ARGV[2] label  ARGV[3] owner's uid, or ''  ARGV[4] roles (csv)  ARGV[5] SHA-256 of its key
-- ARGV[6] actor  ARGV[7] now in ms for tests, or ''
-- Outcomes: {'created', nowMs} | {'exists'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local earlier = redis.call('HMGET', KEYS[1], 'state', 'epoch')
if earlier[1] and earlier[1] ~= 'deleted' then return {'exists'} end
local epoch = earlier[1] and (tonumber(earlier[2]) or 0) + 1 or 0
local now = nowMs(ARGV[7])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'label', ARGV[2], 'owner', ARGV[3], 'roles', ARGV[4], 'state', 'active',
  'epoch', epoch, 'keyHash', ARGV[5], 'createdAtMs', now)
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', 'device-created', 'device', ARGV[1],
  'actor', ARGV[6], 'atMs', now)
return {'created', now}
