-- Relies on an account as the admin who stays while another one loses the role: a change of its own roles that was
-- decided before has to be decided again.
-- KEYS[1] account
-- ARGV[1] role of admins
-- Outcomes: 'held' | 'no-admin'
local account = redis.call('HMGET', KEYS[1], 'state', 'roles', 'locked')
local roles = ',' .. (account[2] or '') .. ','
if account[1] ~= 'active' or account[3] == '1' then return 'no-admin' end
if not string.find(roles, ',' .. ARGV[1] .. ',', 1, true) then return 'no-admin' end
redis.call('HINCRBY', KEYS[1], 'adminHolds', 1)
return 'held'
