-- Deletes a lease, the claim on a name or a mailed token if it still is the one that the caller means: meanwhile it may
-- have become another. Of parallel calls one gets the answer 'released'.
-- KEYS[1] lease, claim or token
-- ARGV[1] the holder's token, the uid that holds the name, or the hash of the mailed token
-- Outcomes: 'released' | 'lost'
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('DEL', KEYS[1])
return 'released'
