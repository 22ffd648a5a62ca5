-- Creates an API key: a session of an active account with some of its roles, made by a session that is still live. It
-- has no MQTT rights before the first token is taken. Keys that have ended or expired leave the account's list.
-- KEYS[1] account  KEYS[2] session that makes it  KEYS[3] events  KEYS[4] new session
-- KEYS[5..] every session in the account's list of API keys
-- ARGV[1] new sid  ARGV[2] id of the key  ARGV[3] its name  ARGV[4] roles (csv)  ARGV[5] acls (JSON)
-- ARGV[6] its end in ms, or '' = as late as possible  ARGV[7] longest life in s  ARGV[8] most API keys of an account
-- ARGV[9] ip  ARGV[10] now in ms for tests, or ''  ARGV[11..] the sids of KEYS[5..], in their order
-- Outcomes: {'created', its end in ms} | {'refused', 'unknown' | 'disabled' | 'session-ended' | 'over' | 'roles' | 'full'}
--   | {'stale'} the list has changed: read it again
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'username', 'roles', 'state', 'locked', 'apiKeys')
if not account[1] then return {'refused', 'unknown'} end
if account[4] ~= 'active' or account[5] == '1' then return {'refused', 'disabled'} end
local maker = redis.call('HMGET', KEYS[2], 'state', 'uid', 'amr', 'apiKey')
if maker[1] ~= 'active' or maker[2] ~= account[1] or maker[4] then return {'refused', 'session-ended'} end

local now = nowMs(ARGV[10])
local absoluteUntil = math.min(tonumber(ARGV[6]) or math.huge, now + ARGV[7] * 1000)
if absoluteUntil <= now then return {'refused', 'over'} end
local owned = ',' .. (account[3] or '') .. ','
for role in string.gmatch(ARGV[4], '[^,]+') do
  if not string.find(owned, ',' .. role .. ',', 1, true) then return {'refused', 'roles'} end
end

local known = {}
for i = 11, #ARGV do known[ARGV[i]] = KEYS[i - 6] end
local kept = {}
for sid in string.gmatch(account[6] or '', '[^,]+') do
  if not known[sid] then return {'stale'} end
  local seen = redis.call('HMGET', known[sid], 'state', 'absoluteUntilMs')
  if seen[1] == 'active' and tonumber(seen[2]) > now then table.insert(kept, sid) end
end
if #kept >= tonumber(ARGV[8]) then return {'refused', 'full'} end

table.insert(kept, ARGV[1])
redis.call('HSET', KEYS[4], 'uid', account[1], 'username', account[2], 'roles', ARGV[4], 'state', 'active',
  'generation', 1, 'usedGeneration', 1, 'rotatedAtMs', now, 'createdAtMs', now, 'authTimeSeconds', 0,
  'amr', maker[3] or '', 'pending', '', 'idleUntilMs', absoluteUntil, 'absoluteUntilMs', absoluteUntil,
  'accessUntilMs', now, 'ip', ARGV[9], 'label', '', 'lastSeenMs', now,
  'apiKey', ARGV[2], 'keyName', ARGV[3], 'acls', ARGV[5])
redis.call('PEXPIREAT', KEYS[4], absoluteUntil + 86400000)
redis.call('HSET', KEYS[1], 'apiKeys', table.concat(kept, ','))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'type', 'session-created', 'uid', account[1], 'sid', ARGV[1],
  'atMs', now)
return {'created', absoluteUntil}
