-- Puts an account that is still there into the list of its partition's accounts.
-- KEYS[1] account  KEYS[2] accounts of the partition
-- ARGV[1] uid
-- Outcomes: 'listed' | 'unchanged'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'unchanged' end
if redis.call('ZADD', KEYS[2], 0, ARGV[1]) == 0 then return 'unchanged' end
return 'listed'
