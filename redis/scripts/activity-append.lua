-- Adds a fact to an account's recent activity: the time at which it happened by Redis' clock in ms, a blank, the fact.
-- KEYS[1] activity
-- ARGV[1] most entries  ARGV[2] life of the list in s from this entry on  ARGV[3] how long ago it happened in ms
-- ARGV[4] the fact (JSON)
-- Outcomes: 'appended'
local time = redis.call('TIME')
local atMs = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[3]
redis.call('LPUSH', KEYS[1], string.format('%.0f %s', atMs, ARGV[4]))
redis.call('LTRIM', KEYS[1], 0, ARGV[1] - 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 'appended'
