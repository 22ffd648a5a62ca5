-- Puts the confirmed address in the place of an account's old one, if the account is active and neither its address nor
-- its epoch has changed since the change was asked for: a new password, or ending all sessions, voids it. Links for a
-- new password that were mailed to the old address are void. The change stays stored until the caller has made it
-- durable, so that a repeat is harmless.
-- KEYS[1] account  KEYS[2] the change  KEYS[3] reset token
-- ARGV[1] the change as it was read  ARGV[2] new address  ARGV[3] old address, or ''  ARGV[4] epoch when it was asked for
-- Outcomes: 'changed' | 'refused'
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'refused' end
local account = redis.call('HMGET', KEYS[1], 'state', 'email', 'epoch', 'emailVerified')
if account[1] ~= 'active' then return 'refused' end
if account[2] == ARGV[2] and account[4] == '1' then return 'changed' end
if (account[2] or '') ~= ARGV[3] or account[3] ~= ARGV[4] then return 'refused' end
redis.call('HSET', KEYS[1], 'email', ARGV[2], 'emailVerified', '1')
redis.call('HDEL', KEYS[1], 'unverifiedEmail', 'pendingUntilMs')
redis.call('DEL', KEYS[3])
return 'changed'
