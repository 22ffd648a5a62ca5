-- Takes an account out of its purgatory: it is again what it was before it was deleted, active or disabled. Its sessions
-- stay ended, and sign-ins from before its deletion stay dead. One that is purged meanwhile is unknown.
-- KEYS[1] account  KEYS[2] events
-- ARGV[1] reason  ARGV[2] actor  ARGV[3] now in ms for tests, or ''
-- Outcomes: {'restored' | 'unchanged', state now} | {'refused', 'unknown'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'state', 'stateBefore')
if not account[1] then return {'refused', 'unknown'} end
if account[2] ~= 'deleted' then return {'unchanged', account[2]} end
local state = account[3] == 'active' and 'active' or 'disabled'
redis.call('HSET', KEYS[1], 'state', state)
redis.call('HDEL', KEYS[1], 'purgeAtMs', 'stateBefore')
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*', 'type', 'account-restored', 'uid', account[1],
  'reason', ARGV[1], 'actor', ARGV[2], 'atMs', nowMs(ARGV[3]))
return {'restored', state}
