-- Stores a sign-in that has steps left; it lapses by itself.
-- KEYS[1] pending session
-- ARGV[1] life in s  ARGV[2] uid  ARGV[3] epoch of the account  ARGV[4] steps (csv)  ARGV[5] amr (csv)
-- ARGV[6] '1' to be remembered, or ''  ARGV[7] fingerprint, or ''  ARGV[8] ip  ARGV[9] user agent
-- Outcomes: 'created'
redis.call('HSET', KEYS[1], 'uid', ARGV[2], 'epoch', ARGV[3], 'steps', ARGV[4], 'amr', ARGV[5], 'remember', ARGV[6],
  'fingerprint', ARGV[7], 'ip', ARGV[8], 'userAgent', ARGV[9], 'attempts', 0)
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 'created'
