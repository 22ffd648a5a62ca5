-- Takes an invitation away, to use it or to void it. Of parallel calls one gets it.
-- KEYS[1] invitation  KEYS[2] index
-- ARGV[1] id
-- Outcomes: {'taken'} | {'gone'} used, voided, over or never there
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('DEL', KEYS[1]) == 0 then return {'gone'} end
return {'taken'}
