-- Creates an account with its credential. All or nothing.
-- KEYS[1] account  KEYS[2] credential  KEYS[3] events  KEYS[4] accounts of the partition
-- ARGV[1] uid  ARGV[2] username  ARGV[3] email or ''  ARGV[4] full name or ''  ARGV[5] roles (csv)
-- ARGV[6] password hash (PHC string)  ARGV[7] actor  ARGV[8] now in ms for tests, or ''
-- ARGV[9] life in s unless its e-mail address is verified, or '' = no end  ARGV[10..] further fields of the account,
--   names and values by turns
-- Outcomes: {'created', nowMs} | {'exists'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

if redis.call('EXISTS', KEYS[1]) == 1 then return {'exists'} end
local now = nowMs(ARGV[8])
redis.call('HSET', KEYS[1], 'uid', ARGV[1], 'username', ARGV[2], 'email', ARGV[3], 'fullName', ARGV[4],
  'roles', ARGV[5], 'state', 'active', 'epoch', 0, 'createdAtMs', now)
for i = 10, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if tonumber(ARGV[9]) then redis.call('HSET', KEYS[1], 'pendingUntilMs', now + ARGV[9] * 1000) end
redis.call('HSET', KEYS[2], 'passwordHash', ARGV[6], 'changedAtMs', now)
redis.call('ZADD', KEYS[4], 0, ARGV[1])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', 'account-created', 'uid', ARGV[1],
  'actor', ARGV[7], 'atMs', now)
return {'created', now}
