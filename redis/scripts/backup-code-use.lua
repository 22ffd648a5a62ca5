-- Uses up one backup code: of parallel uses one is answered with 'used-up'.
-- KEYS[1] credential
-- ARGV[1] tag of the code
-- Outcomes: {'used-up', codes left} | {'unknown'}
local left, found = {}, false
for tag in string.gmatch(redis.call('HGET', KEYS[1], 'backupTags') or '', '[^,]+') do
  if tag == ARGV[1] and not found then found = true else table.insert(left, tag) end
end
if not found then return {'unknown'} end
redis.call('HSET', KEYS[1], 'backupTags', table.concat(left, ','))
return {'used-up', #left}
