-- Makes the claim on a name permanent, or gives a permanent one an end, if it still belongs to that account.
-- An end that is already set stays.
-- KEYS[1] claim
-- ARGV[1] uid  ARGV[2] life in s, 0 = for good
-- Outcomes: 'settled' | 'lost'
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
if tonumber(ARGV[2]) == 0 then
  redis.call('PERSIST', KEYS[1])
else
  redis.call('EXPIRE', KEYS[1], ARGV[2], 'NX')
end
return 'settled'
