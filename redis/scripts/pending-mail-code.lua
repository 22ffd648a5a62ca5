-- Keeps a mailed code with its pending session; the one before is void. Asking again gives no attempts back. With the
-- first mail the pending session begins a new life, once, for a mail takes its time.
-- KEYS[1] pending session
-- ARGV[1] tag of the code  ARGV[2] most mails  ARGV[3] life in s from the first mail on
-- Outcomes: 'kept' | 'enough' | 'gone'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
local mails = redis.call('HINCRBY', KEYS[1], 'mails', 1)
if mails > tonumber(ARGV[2]) then return 'enough' end
redis.call('HSET', KEYS[1], 'mailTag', ARGV[1])
if mails == 1 then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
return 'kept'
