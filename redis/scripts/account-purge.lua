#!lua flags=allow-oom
-- Removes an account for good if it is due now: its time in purgatory is over, somebody wants it purged at once, or its
-- e-mail address was to be verified by now and is not. One that is not deleted is never purged at once; one that was
-- restored or verified meanwhile stays, and so does one with sessions.
-- KEYS[1] account  KEYS[2] credential  KEYS[3] session index  KEYS[4] events
-- KEYS[5] accounts of the partition  KEYS[6..] what is removed with the account
-- ARGV[1] now in ms for tests, or ''  ARGV[2] actor  ARGV[3] 1 = at once, '' = when it is due
-- Outcomes: {'purged', 'purgatory-over' | 'purged-at-once' | 'never-verified', username, email or ''}
--   | {'kept', 'unknown' | 'not-due' | 'in-use'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'username', 'email', 'state', 'purgeAtMs', 'pendingUntilMs',
  'emailVerified')
if not account[1] then return {'kept', 'unknown'} end
local now = nowMs(ARGV[1])
local function isPast(timeMs) return timeMs and tonumber(timeMs) and tonumber(timeMs) <= now end

local reason
if account[4] == 'deleted' and ARGV[3] == '1' then reason = 'purged-at-once' end
if account[4] == 'deleted' and isPast(account[5]) then reason = 'purgatory-over' end
if account[4] == 'active' and account[7] ~= '1' and isPast(account[6]) then reason = 'never-verified' end
if not reason then return {'kept', 'not-due'} end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'kept', 'in-use'} end

redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', 'account-purged', 'uid', account[1],
  'reason', reason, 'actor', ARGV[2], 'atMs', now)
redis.call('ZREM', KEYS[5], account[1])
redis.call('DEL', KEYS[1], KEYS[2], unpack(KEYS, 6))
return {'purged', reason, account[2], account[3] or ''}
