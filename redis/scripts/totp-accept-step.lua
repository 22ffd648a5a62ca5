-- Uses up a time step of an account's authenticator: each step counts once, and none before one that was used.
-- KEYS[1] credential
-- ARGV[1] time step
-- Outcomes: 'accepted' | 'used'
if tonumber(redis.call('HGET', KEYS[1], 'totpLastStep') or -1) >= tonumber(ARGV[1]) then return 'used' end
redis.call('HSET', KEYS[1], 'totpLastStep', ARGV[1])
return 'accepted'
