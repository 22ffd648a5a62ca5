-- Takes one try at a secret of an account before the secret is looked at, so that parallel guesses can't overrun a
-- limit. Each network where the owner has signed in before counts on its own, all others count together as 'new';
-- failures in a row are counted over all of them (NIST SP 800-63B-4 3.2.2). A refused try changes nothing.
-- KEYS[1] guesses  KEYS[2] known networks
-- ARGV[1] network, or '' if it can't be a known one  ARGV[2] failures before the first delay
-- ARGV[3] first delay in s, doubling  ARGV[4] longest delay in s  ARGV[5] failures are forgotten after this time in s
-- ARGV[6] most failures in a row, 0 = any number  ARGV[7] how many of these only known networks may use up
-- ARGV[8] a network stays known for this time in s  ARGV[9] life of the counters in s
-- ARGV[10] life of the counters in s once the secret is disabled  ARGV[11] now in ms for tests, or ''
-- Outcomes: {'taken', counter: network or 'new', takenAtMs, delayedUntilMs, failures in a row with this one}
--   | {'refused', 'delayed' | 'disabled', wait in ms}
local function nowMs(override)
  if override ~= '' then return tonumber(override) end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = nowMs(ARGV[11])
local signedInMs = redis.call('ZSCORE', KEYS[2], ARGV[1])
local known = signedInMs and signedInMs + ARGV[8] * 1000 > now
local counter = known and ARGV[1] or 'new'
local stored = redis.call('HMGET', KEYS[1], counter, 'row')
local row, mostInARow = tonumber(stored[2] or 0), tonumber(ARGV[6])
local mostForNew = mostInARow - ARGV[7]
if mostInARow > 0 and row >= (known and mostInARow or mostForNew) then
  return {'refused', 'disabled', ARGV[4] * 1000}
end

local count, untilMs = string.match(stored[1] or '0 0', '^(%d+) (%d+)$')
count, untilMs = tonumber(count), tonumber(untilMs)
if now < untilMs then return {'refused', 'delayed', untilMs - now} end
if now >= untilMs + ARGV[5] * 1000 then count = 0 end

count, row, untilMs = count + 1, row + 1, now
local doublings = count - ARGV[2]
if doublings >= 0 then untilMs = now + math.min(ARGV[3] * 2 ^ doublings, tonumber(ARGV[4])) * 1000 end
redis.call('HSET', KEYS[1], counter, string.format('%d %.0f', count, untilMs), 'row', row)
redis.call('EXPIRE', KEYS[1], mostInARow > 0 and row >= mostForNew and ARGV[10] or ARGV[9])
return {'taken', counter, now, untilMs, row}
