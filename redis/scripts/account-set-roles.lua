-- Sets the roles of an account and of all its live sessions in one step, so that they count at the next check. An API
-- key only loses roles: it keeps those of its own that the account still has. The account's epoch rises: a sign-in under
-- way, which the old roles may have spared a second factor, dies. It rises with a 'stale' answer too, so that the repeat
-- succeeds.
-- KEYS[1] account  KEYS[2] session index  KEYS[3] events  KEYS[4..] its sessions and API keys
-- ARGV[1] new roles (csv)  ARGV[2] adminHolds of the account when the change was decided, 0 if it had none
-- ARGV[3] actor  ARGV[4] now in ms for tests, or ''  ARGV[5..] the sids of KEYS[4..], in their order
-- Outcomes: {'changed', roles until now (csv), number of live sessions} | {'unchanged', roles (csv)}
--   | {'refused', 'unknown' | 'conflict'} | {'stale'} the index has changed: read it again
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'roles', 'adminHolds', 'apiKeys')
if not account[1] then return {'refused', 'unknown'} end
if (account[3] or '0') ~= ARGV[2] then return {'refused', 'conflict'} end
if account[2] == ARGV[1] then return {'unchanged', ARGV[1]} end
local listed = {}
for i = 5, #ARGV do listed[ARGV[i]] = true end
local owned = redis.call('ZRANGE', KEYS[2], 0, -1)
for sid in string.gmatch(account[4] or '', '[^,]+') do table.insert(owned, sid) end
for _, sid in ipairs(owned) do
  if not listed[sid] then
    redis.call('HINCRBY', KEYS[1], 'epoch', 1)
    return {'stale'}
  end
end

local function both(roles)
  local kept = {}
  for role in string.gmatch(roles or '', '[^,]+') do
    if string.find(',' .. ARGV[1] .. ',', ',' .. role .. ',', 1, true) then table.insert(kept, role) end
  end
  return table.concat(kept, ',')
end

local sessions = 0
for i = 4, #KEYS do
  local session = redis.call('HMGET', KEYS[i], 'state', 'apiKey', 'roles')
  if session[1] == 'active' then
    redis.call('HSET', KEYS[i], 'roles', session[2] and both(session[3]) or ARGV[1])
    sessions = sessions + 1
  end
end
redis.call('HSET', KEYS[1], 'roles', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', 'roles-changed', 'uid', account[1],
  'roles', ARGV[1], 'actor', ARGV[3], 'atMs', nowMs(ARGV[4]))
return {'changed', account[2] or '', sessions}
