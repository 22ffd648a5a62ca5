-- Settles a try that was not wrong. 'right' ends the row of failures and clears the counter of a known network; the
-- counter of the new ones only gets this try back, since the others' failures stand. 'unchecked' gives the try back.
-- KEYS[1] guesses
-- ARGV[1] result: right | unchecked  ARGV[2] counter  ARGV[3] takenAtMs  ARGV[4] delayedUntilMs (2 to 4: as taken)
-- Outcomes: 'settled'
local function giveBack()
  local stored = redis.call('HGET', KEYS[1], ARGV[2])
  if not stored then return end
  local count, untilMs = string.match(stored, '^(%d+) (%d+)$')
  if tonumber(count) <= 1 then return redis.call('HDEL', KEYS[1], ARGV[2]) end
  if untilMs == ARGV[4] then untilMs = ARGV[3] end
  redis.call('HSET', KEYS[1], ARGV[2], string.format('%d %s', count - 1, untilMs))
end

if ARGV[1] == 'right' then
  redis.call('HDEL', KEYS[1], 'row')
  if ARGV[2] == 'new' then giveBack() else redis.call('HDEL', KEYS[1], ARGV[2]) end
else
  giveBack()
  if tonumber(redis.call('HGET', KEYS[1], 'row') or 0) > 0 then redis.call('HINCRBY', KEYS[1], 'row', -1) end
end
return 'settled'
