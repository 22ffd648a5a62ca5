-- Strikes a step off a pending session. The last one consumes it: of parallel calls one gets the answer 'done'.
-- KEYS[1] pending session
-- ARGV[1] step  ARGV[2] authentication method to add (RFC 8176), or ''
-- Outcomes: {'done' | 'passed', steps left (csv), amr (csv)} | {'refused', 'gone' | 'not-asked'}
local pending = redis.call('HMGET', KEYS[1], 'steps', 'amr')
if not pending[1] then return {'refused', 'gone'} end
local left, asked = {}, false
for step in string.gmatch(pending[1], '[^,]+') do
  if step == ARGV[1] then asked = true else table.insert(left, step) end
end
if not asked then return {'refused', 'not-asked'} end
local amr = pending[2]
if ARGV[2] ~= '' then amr = amr .. ',' .. ARGV[2] end
if #left == 0 then
  redis.call('DEL', KEYS[1])
  return {'done', '', amr}
end
redis.call('HSET', KEYS[1], 'steps', table.concat(left, ','), 'amr', amr)
return {'passed', table.concat(left, ','), amr}
