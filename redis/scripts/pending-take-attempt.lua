-- Takes one of the attempts that a pending session has for its second factor, before the code is looked at: parallel
-- guesses can't overrun the limit. The attempt after the last one ends the pending session.
-- KEYS[1] pending session
-- ARGV[1] most attempts
-- Outcomes: 'taken' | 'ended' | 'gone'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HINCRBY', KEYS[1], 'attempts', 1) <= tonumber(ARGV[1]) then return 'taken' end
redis.call('DEL', KEYS[1])
return 'ended'
