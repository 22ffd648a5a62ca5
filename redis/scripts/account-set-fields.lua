#!lua flags=allow-oom
-- Sets fields of an account that is not deleted, if one of them still has the value that the caller saw.
-- KEYS[1] account
-- ARGV[1] field that was seen  ARGV[2] its value, or '' if it was absent
-- ARGV[3..] names and values of the fields to set, by turns ('' as a value removes the field)
-- Outcomes: 'changed' | 'unknown' | 'conflict'
local account = redis.call('HMGET', KEYS[1], 'uid', 'state', ARGV[1])
if not account[1] or account[2] == 'deleted' then return 'unknown' end
if (account[3] or '') ~= ARGV[2] then return 'conflict' end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return 'changed'
