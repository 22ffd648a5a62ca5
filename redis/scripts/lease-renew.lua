-- Prolongs a lease that the caller still holds.
-- KEYS[1] lease
-- ARGV[1] the holder's token  ARGV[2] life in ms from now on
-- Outcomes: 'renewed' | 'lost'
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'renewed'
