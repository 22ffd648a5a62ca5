-- Replaces a password hash if it is still the one that was checked, and ends every other session in the same step.
-- The account's epoch rises, so a sign-in under way with the old password dies.
-- KEYS[1] account  KEYS[2] credential  KEYS[3] session index  KEYS[4] expiry  KEYS[5] events  KEYS[6..] its sessions
-- ARGV[1] hash that was checked  ARGV[2] new hash  ARGV[3] sid to keep, or ''  ARGV[4] actor
-- ARGV[5] now in ms for tests, or ''  ARGV[6..] the sids of KEYS[6..], in their order, without the kept one
-- Outcomes: {'changed', number of sessions ended} | {'refused', 'unknown' | 'conflict'} | {'stale'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local uid = redis.call('HGET', KEYS[1], 'uid')
if not uid then return {'refused', 'unknown'} end
if redis.call('HGET', KEYS[2], 'passwordHash') ~= ARGV[1] then return {'refused', 'conflict'} end
local listed = { [ARGV[3]] = true }
for i = 6, #ARGV do listed[ARGV[i]] = true end
for _, sid in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if not listed[sid] then return {'stale'} end
end

local now = nowMs(ARGV[5])
redis.call('HSET', KEYS[2], 'passwordHash', ARGV[2], 'changedAtMs', now)
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
local ended = 0
for i = 6, #ARGV do
  local sid, key = ARGV[i], KEYS[i]
  if redis.call('HGET', key, 'state') == 'active' then
    redis.call('HSET', key, 'state', 'revoked', 'reason', 'password-changed', 'actor', ARGV[4], 'endedAtMs', now)
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'type', 'session-revoked', 'uid', uid, 'sid', sid,
      'reason', 'password-changed', 'actor', ARGV[4], 'atMs', now)
    ended = ended + 1
  end
  redis.call('ZREM', KEYS[3], sid)
  redis.call('ZREM', KEYS[4], sid)
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'type', 'password-changed', 'uid', uid, 'actor', ARGV[4],
  'atMs', now)
return {'changed', ended}
