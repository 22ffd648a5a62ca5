-- Forgets where the owner of an account has signed in. Failures that were counted for one of these networks alone stand:
-- the highest counter becomes that of the new networks, which these are again. So nobody gets tries back by it.
-- KEYS[1] known networks  KEYS[2..] guesses, one key a kind of secret
-- Outcomes: 'forgotten'
for i = 2, #KEYS do
  local highest, latest, networks = 0, '0', {}
  local stored = redis.call('HGETALL', KEYS[i])
  for at = 1, #stored, 2 do
    local count, untilMs = string.match(stored[at + 1], '^(%d+) (%d+)$')
    if count then
      highest = math.max(highest, tonumber(count))
      if tonumber(untilMs) > tonumber(latest) then latest = untilMs end
      if stored[at] ~= 'new' then table.insert(networks, stored[at]) end
    end
  end
  if #networks > 0 then
    redis.call('HSET', KEYS[i], 'new', string.format('%d %s', highest, latest))
    redis.call('HDEL', KEYS[i], unpack(networks))
  end
end
redis.call('DEL', KEYS[1])
return 'forgotten'
