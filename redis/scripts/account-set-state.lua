#!lua flags=allow-oom
-- Disables, enables or deletes an account; the first and the last end all its sessions in the same step. A deleted
-- account keeps its names and its credential until its purgatory is over, so that it can be restored; only that brings
-- it back, enabling does not. Enabling revives no session. Repeating it is harmless. A 'stale' answer raises the epoch
-- all the same, so that sign-ins under way die and the repeat succeeds.
-- KEYS[1] account  KEYS[2] session index  KEYS[3] expiry  KEYS[4] events  KEYS[5..] its sessions and API keys
-- ARGV[1] new state: active | disabled | deleted  ARGV[2] reason  ARGV[3] actor  ARGV[4] now in ms for tests, or ''
-- ARGV[5] adminHolds of the account when the change was decided, 0 if it had none; '' = it does not matter
-- ARGV[6] length of the purgatory in s, where the new state is deleted
-- ARGV[7..] the sids of KEYS[5..], in their order
-- Outcomes: {'changed' | 'unchanged', number of sessions ended, purgeAtMs or ''} | {'refused', 'unknown' | 'conflict'}
--   | {'stale'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'state', 'adminHolds', 'purgeAtMs', 'apiKeys')
if not account[1] then return {'refused', 'unknown'} end
if ARGV[5] ~= '' and (account[3] or '0') ~= ARGV[5] then return {'refused', 'conflict'} end
local now = nowMs(ARGV[4])
local ended = 0

if ARGV[1] ~= 'active' then
  local listed = {}
  for i = 7, #ARGV do listed[ARGV[i]] = true end
  local owned = redis.call('ZRANGE', KEYS[2], 0, -1)
  for sid in string.gmatch(account[5] or '', '[^,]+') do table.insert(owned, sid) end
  for _, sid in ipairs(owned) do
    if not listed[sid] then
      redis.call('HINCRBY', KEYS[1], 'epoch', 1)
      return {'stale'}
    end
  end
  for i = 7, #ARGV do
    local sid, key = ARGV[i], KEYS[i - 2]
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
end

if account[2] == ARGV[1] or account[2] == 'deleted' then return {'unchanged', ended, account[4] or ''} end
redis.call('HSET', KEYS[1], 'state', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
local purgeAtMs = ''
if ARGV[1] == 'deleted' then
  purgeAtMs = string.format('%.0f', now + ARGV[6] * 1000)
  redis.call('HSET', KEYS[1], 'purgeAtMs', purgeAtMs, 'stateBefore', account[2])
end
local events = { active = 'account-enabled', disabled = 'account-disabled', deleted = 'account-deleted' }
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', events[ARGV[1]], 'uid', account[1],
  'reason', ARGV[2], 'actor', ARGV[3], 'atMs', now)
return {'changed', ended, purgeAtMs}
