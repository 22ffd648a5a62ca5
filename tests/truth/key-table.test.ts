import t from 'tap';
import { faultOf, readKeyTable } from './key-lives.ts';

t.test('every row of the table of keys has a life, or a reason for having none', async (t) => {
  const rows = readKeyTable();

  t.ok(rows.length > 35, `${rows.length} rows are found`);
  for (const { pattern, life, type } of rows) {
    t.match(life, /^(none[:;] .+|.*\d+ (s|h|days?|year).*|its life|that of the longest .+)$/, pattern.source);
    t.match(type, /^(HASH|ZSET|SET|STRING|LIST|STREAM)$/, pattern.source);
  }
});

t.test('a key that is not as the table says is found', async (t) => {
  const rows = readKeyTable();
  const sid = 'A'.repeat(22);
  const lives: [key: string, type: string, ttlSeconds: number, fault: RegExp | undefined][] = [
    [`bn:{A}:session:${sid}`, 'hash', 3600, undefined],
    [`bn:{A}:session:${sid}`, 'hash', -1, /has no TTL/],
    [`bn:{A}:session:${sid}`, 'string', 3600, /is a string, not a HASH/],
    [`bn:{A}:session:${sid}`, 'hash', 40 * 86_400, /lives 3456000 s/],
    [`bn:{A}:pending:${sid}`, 'hash', 601, /lives 601 s/],
    [`bn:{A}:account:${sid}`, 'hash', -1, undefined],
    ['bn:{A}:clients:d:lamp', 'hash', -1, undefined],
    [`bn:{A}:clients:${sid}`, 'hash', -1, /has no TTL/],
    ['bn:login:ann', 'string', -1, undefined],
    ['bn:{A}:mistake:1', 'string', 10, /is not in the table/],
  ];

  for (const [key, type, ttlSeconds, fault] of lives) {
    const found = faultOf({ key, type, ttlSeconds }, rows);
    if (fault) t.match(found, fault);
    else t.equal(found, undefined, key);
  }
});
