-- Strikes a step off a pending session. The last one consumes it: of parallel calls one gets the answer 'done'.
-- A step that changed the account's own credential has raised the account's epoch by one; the pending session follows
-- in the same moment. A lock set meanwhile has raised it further, and stops the pending session all the same.
-- KEYS[1] pending session
-- ARGV[1] step  ARGV[2] authentication methods to add (RFC 8176, csv), or ''  ARGV[3] by how much the epoch rises
-- Outcomes: {'done' | 'passed', steps left (csv), amr (csv), epoch} | {'refused', 'gone' | 'not-asked'}
local pending = redis.call('HMGET', KEYS[1], 'steps', 'amr')
if not pending[1] then return {'refused', 'gone'} end
local left, asked = {}, false
for step in string.gmatch(pending[1], '[^,]+') do
  if step == ARGV[1] then asked = true else table.insert(left, step) end
end
if not asked then return {'refused', 'not-asked'} end
local amr = pending[2]
if ARGV[2] ~= '' then amr = amr .. ',' .. ARGV[2] end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', ARGV[3])
if #left == 0 then
  redis.call('DEL', KEYS[1])
  return {'done', '', amr, epoch}
end
redis.call('HSET', KEYS[1], 'steps', table.concat(left, ','), 'amr', amr)
return {'passed', table.concat(left, ','), amr, epoch}
