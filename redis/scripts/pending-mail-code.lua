-- Keeps a mailed code with its pending session; the one before is void. Asking again gives no attempts back.
-- KEYS[1] pending session
-- ARGV[1] tag of the code  ARGV[2] most mails
-- Outcomes: 'kept' | 'enough' | 'gone'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HINCRBY', KEYS[1], 'mails', 1) > tonumber(ARGV[2]) then return 'enough' end
redis.call('HSET', KEYS[1], 'mailTag', ARGV[1])
return 'kept'
