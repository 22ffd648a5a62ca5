-- Replaces the hash of an unchanged password by one with newer parameters, if nobody changed it meanwhile.
-- KEYS[1] credential
-- ARGV[1] hash that was checked  ARGV[2] new hash of the same password
-- Outcomes: 'replaced' | 'conflict'
if redis.call('HGET', KEYS[1], 'passwordHash') ~= ARGV[1] then return 'conflict' end
redis.call('HSET', KEYS[1], 'passwordHash', ARGV[2])
return 'replaced'
