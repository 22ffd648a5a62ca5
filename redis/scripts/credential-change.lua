#!lua flags=allow-oom
-- Changes fields of a credential if one of them still has the value that the caller checked, and ends every other
-- session of the account in the same step; a reset ends its API keys too, other changes leave them. The account's epoch
-- rises, so a sign-in under way with the old credential dies. A new password is also the change that an operator may
-- have asked for.
-- KEYS[1] account  KEYS[2] credential  KEYS[3] session index  KEYS[4] expiry  KEYS[5] events  KEYS[6..] its
--   sessions and, for a reset, its API keys
-- ARGV[1] field that was checked, or '' if none was  ARGV[2] its value, or '' if it was absent  ARGV[3] sid to keep, or ''
-- ARGV[4] reason, also the event's type: password-changed | password-reset | second-factor-changed
-- ARGV[5] actor  ARGV[6] now in ms for tests, or ''  ARGV[7] how many arguments after this one are names and values
--   of the fields to set, by turns ('' as a value removes the field); after them come the sids of KEYS[6..], in their
--   order, without the kept one
-- Outcomes: {'changed', number of sessions ended} | {'refused', 'unknown' | 'conflict'} | {'stale'}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local account = redis.call('HMGET', KEYS[1], 'uid', 'state', 'apiKeys')
local uid = account[1]
if not uid or account[2] == 'deleted' then return {'refused', 'unknown'} end
if redis.call('EXISTS', KEYS[2]) == 0 then return {'refused', 'unknown'} end
if (redis.call('HGET', KEYS[2], ARGV[1]) or '') ~= ARGV[2] then return {'refused', 'conflict'} end
local firstSid = 8 + tonumber(ARGV[7])
local listed = { [ARGV[3]] = true }
for i = firstSid, #ARGV do listed[ARGV[i]] = true end
local owned = redis.call('ZRANGE', KEYS[3], 0, -1)
if ARGV[4] == 'password-reset' then
  for sid in string.gmatch(account[3] or '', '[^,]+') do table.insert(owned, sid) end
end
for _, sid in ipairs(owned) do
  if not listed[sid] then return {'stale'} end
end

local now = nowMs(ARGV[6])
for i = 8, firstSid - 1, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[2], ARGV[i])
  else
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
if ARGV[4] ~= 'second-factor-changed' then
  redis.call('HSET', KEYS[2], 'changedAtMs', now)
  redis.call('HDEL', KEYS[1], 'mustChangePassword')
end
if ARGV[4] == 'password-reset' then redis.call('HDEL', KEYS[1], 'apiKeys') end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
local ended = 0
for i = firstSid, #ARGV do
  local sid, key = ARGV[i], KEYS[i - firstSid + 6]
  if redis.call('HGET', key, 'state') == 'active' then
    redis.call('HSET', key, 'state', 'revoked', 'reason', ARGV[4], 'actor', ARGV[5], 'endedAtMs', now)
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'type', 'session-revoked', 'uid', uid, 'sid', sid,
      'reason', ARGV[4], 'actor', ARGV[5], 'atMs', now)
    ended = ended + 1
  end
  redis.call('ZREM', KEYS[3], sid)
  redis.call('ZREM', KEYS[4], sid)
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', 10000, '*', 'type', ARGV[4], 'uid', uid, 'actor', ARGV[5], 'atMs', now)
return {'changed', ended}
