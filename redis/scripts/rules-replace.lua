-- Replaces the rules document if the version is still the one that the editor saw. Counts at the next check.
-- KEYS[1] rules
-- ARGV[1] version seen, or '0' if there was none  ARGV[2] new version  ARGV[3] new document (JSON)
-- Outcomes: {'replaced', version} | {'conflict', version in force}
local current = redis.call('HGET', KEYS[1], 'version') or '0'
if current ~= ARGV[1] then return {'conflict', current} end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'document', ARGV[3])
return {'replaced', ARGV[2]}
