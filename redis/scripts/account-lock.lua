#!lua flags=allow-oom
-- Locks an account against sign-ins and ends all its sessions and API keys in the same step, or unlocks it. The lock is
-- apart from the state: an account may be disabled and locked. Unlocking revives no session. Repeating it is harmless.
-- A 'stale' answer raises the epoch all the same, so that sign-ins under way die and the repeat succeeds.
-- KEYS[1] account  KEYS[2] session index  KEYS[3] expiry  KEYS[4] events  KEYS[5..] its sessions and API keys
-- ARGV[1] '1' to lock, '' to unlock  ARGV[2] reason  ARGV[3] actor  ARGV[4] now in ms for tests, or ''
-- ARGV[5] adminHolds of the account when the change was decided, 0 if it had none; '' = it does not matter
-- ARGV[6..] the sids of KEYS[5..], in their order
-- Outcomes: {'changed' | 'unchanged', number of sessions ended} | {'refused', 'unknown' | 'conflict'} | {'stale'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'state', 'adminHolds', 'locked', 'apiKeys')
if not account[1] or account[2] == 'deleted' then return {'refused', 'unknown'} end
if ARGV[5] ~= '' and (account[3] or '0') ~= ARGV[5] then return {'refused', 'conflict'} end
local now = nowMs(ARGV[4])
local function event(kind)
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', kind, 'uid', account[1],
    'reason', ARGV[2], 'actor', ARGV[3], 'atMs', now)
end

if ARGV[1] == '' then
  if redis.call('HDEL', KEYS[1], 'locked') == 0 then return {'unchanged', 0} end
  redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  event('account-unlocked')
  return {'changed', 0}
end

local listed = {}
for i = 6, #ARGV do listed[ARGV[i]] = true end
local owned = redis.call('ZRANGE', KEYS[2], 0, -1)
for sid in string.gmatch(account[5] or '', '[^,]+') do table.insert(owned, sid) end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
for _, sid in ipairs(owned) do
  if not listed[sid] then return {'stale'} end
end

local ended = 0
for i = 6, #ARGV do
  local sid, key = ARGV[i], KEYS[i - 1]
  if redis.call('HGET', key, 'state') == 'active' then
    redis.call('HSET', key, 'state', 'revoked', 'reason', ARGV[2], 'actor', ARGV[3], 'endedAtMs', now)
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', 'session-revoked', 'uid', account[1],
      'sid', sid, 'reason', ARGV[2], 'actor', ARGV[3], 'atMs', now)
    ended = ended + 1
  end
  redis.call('ZREM', KEYS[2], sid)
  redis.call('ZREM', KEYS[3], sid)
end
redis.call('HDEL', KEYS[1], 'apiKeys')
if account[4] == '1' then return {'unchanged', ended} end
redis.call('HSET', KEYS[1], 'locked', '1')
event('account-locked')
return {'changed', ended}
