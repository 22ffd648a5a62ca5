-- Gives a device a new key; the one in force until now goes on for an overlap, so that a device in the field can
-- fetch its new key with the old one. Without overlap the epoch rises: connections of older keys are void too.
-- KEYS[1] device  KEYS[2] events
-- ARGV[1] SHA-256 of the new key  ARGV[2] overlap in s (0 = the old key is void at once)  ARGV[3] actor
-- ARGV[4] now in ms for tests, or ''
-- ARGV[5] uid of the owner who acts, to whom other people's devices are unknown, or '' = somebody who acts on any device
-- Outcomes: {'rotated', ms until which the old key works} | {'refused', 'unknown'}
--   | {'refused', 'overlap', ms} the overlap of an earlier rotation goes on: nobody knows which key the device uses
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local device = redis.call('HMGET', KEYS[1], 'id', 'state', 'keyHash', 'previousKeyUntilMs', 'owner')
if not device[1] or device[2] == 'deleted' then return {'refused', 'unknown'} end
if ARGV[5] ~= '' and device[5] ~= ARGV[5] then return {'refused', 'unknown'} end
local now = nowMs(ARGV[4])
if tonumber(ARGV[2]) > 0 and tonumber(device[4] or 0) > now then return {'refused', 'overlap', device[4]} end
local untilMs = now + ARGV[2] * 1000
redis.call('HSET', KEYS[1], 'keyHash', ARGV[1], 'previousKeyHash', device[3], 'previousKeyUntilMs', untilMs,
  'keyChangedAtMs', now)
if tonumber(ARGV[2]) == 0 then redis.call('HINCRBY', KEYS[1], 'epoch', 1) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'type', 'device-key-rotated', 'device', device[1],
  'overlapSeconds', ARGV[2], 'actor', ARGV[3], 'atMs', now)
return {'rotated', untilMs}
