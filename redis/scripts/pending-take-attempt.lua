-- Takes one of the attempts that a pending session has for its second factor, before the code is looked at: parallel
-- guesses can't overrun the limit. When none is left the step can't be passed any more; the key lapses by itself, so
-- that a right code among parallel ones still finds it.
-- KEYS[1] pending session
-- ARGV[1] most attempts
-- Outcomes: 'taken' | 'none-left' | 'gone'
if redis.call('EXISTS', KEYS[1]) == 0 then return 'gone' end
if redis.call('HINCRBY', KEYS[1], 'attempts', 1) <= tonumber(ARGV[1]) then return 'taken' end
return 'none-left'
