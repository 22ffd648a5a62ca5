-- Deletes a lease or the claim on a name if it still is the caller's: meanwhile it may have become another's.
-- KEYS[1] lease or claim
-- ARGV[1] the holder's token, or the uid that holds the name
-- Outcomes: 'released' | 'lost'
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('DEL', KEYS[1])
return 'released'
