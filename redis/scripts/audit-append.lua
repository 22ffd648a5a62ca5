-- Appends a fact to the audit log, with the time at which it happened by Redis' clock.
-- KEYS[1] audit log
-- ARGV[1] about how many entries stay  ARGV[2] how long ago it happened in ms; the arguments after it are names and
--   values of fields, by turns
-- Outcomes: {'appended', id of the entry}
local time = redis.call('TIME')
local atMs = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]
return {'appended', redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'atMs', atMs, unpack(ARGV, 3))}
