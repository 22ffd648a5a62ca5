-- Replaces one client by another version of it, unless somebody else was faster.
-- KEYS[1] clients
-- ARGV[1] client id  ARGV[2] the version that is expected, or '' for none  ARGV[3] the new version, or '' to delete it
-- Outcomes: 'replaced' | 'changed'
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 'changed' end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 'replaced'
