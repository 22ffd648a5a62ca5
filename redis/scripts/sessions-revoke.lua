#!lua flags=allow-oom
-- Ends sessions of one account: writes their tombstones, takes them from the indexes, appends the events.
-- Repeating it is harmless.
-- KEYS[1] account  KEYS[2] session index  KEYS[3] expiry  KEYS[4] events  KEYS[5..] sessions to end
-- ARGV[1] scope: 'listed' ends what is listed; 'all' also requires that the list with the kept one is the whole index
--   and raises the account's epoch, so that a sign-in under way dies; 'all-and-keys' is 'all' for API keys as well
-- ARGV[2] sid to keep, or ''  ARGV[3] reason  ARGV[4] actor  ARGV[5] now in ms for tests, or ''
-- ARGV[6..] the sids of KEYS[5..], in their order
-- Outcomes: {'revoked', number ended now} | {'stale'} the index has changed: read it again
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

if ARGV[1] ~= 'listed' then
  local listed = { [ARGV[2]] = true }
  for i = 6, #ARGV do listed[ARGV[i]] = true end
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'epoch', 1) end
  local owned = redis.call('ZRANGE', KEYS[2], 0, -1)
  if ARGV[1] == 'all-and-keys' then
    local apiKeys = redis.call('HGET', KEYS[1], 'apiKeys')
    for sid in string.gmatch(apiKeys or '', '[^,]+') do table.insert(owned, sid) end
  end
  for _, sid in ipairs(owned) do
    if not listed[sid] then return {'stale'} end
  end
  if ARGV[1] == 'all-and-keys' then redis.call('HDEL', KEYS[1], 'apiKeys') end
end

local now = nowMs(ARGV[5])
local ended = 0
for i = 6, #ARGV do
  local sid, key = ARGV[i], KEYS[i - 1]
  if redis.call('HGET', key, 'state') == 'active' then
    redis.call('HSET', key, 'state', 'revoked', 'reason', ARGV[3], 'actor', ARGV[4], 'endedAtMs', now)
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', 10000, '*', 'type', 'session-revoked',
      'uid', redis.call('HGET', key, 'uid'), 'sid', sid, 'reason', ARGV[3], 'actor', ARGV[4], 'atMs', now)
    ended = ended + 1
  end
  redis.call('ZREM', KEYS[2], sid)
  redis.call('ZREM', KEYS[3], sid)
end
return {'revoked', ended}
