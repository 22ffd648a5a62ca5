import t from 'tap';
import { findRedisUrlFault, readRedisUrl } from '../../services/core/redis/redis-url.ts';

t.test('one Redis, Sentinels and a cluster are told by their addresses', async (t) => {
  t.match(readRedisUrl('redis://session:p%40ss@127.0.0.1:6380'), {
    ...{ topology: 'single', hasTls: false, username: 'session', password: 'p@ss' },
    hosts: [{ host: '127.0.0.1', port: 6380 }],
  });
  t.match(
    readRedisUrl(
      'rediss+sentinel://webhook:pw@s1.example,s2.example:26380,[fd00::1]/main?sentinel_password=x%26y+/=',
    ),
    {
      ...{ topology: 'sentinel', hasTls: true, primaryName: 'main', sentinelPassword: 'x&y+/=' },
      hosts: [
        { host: 's1.example', port: 26_379 },
        { host: 's2.example', port: 26_380 },
        { host: 'fd00::1', port: 26_379 },
      ],
    },
  );
  t.match(readRedisUrl('redis+cluster://cli:pw@127.0.0.1:7000,localhost'), {
    ...{ topology: 'cluster', username: 'cli', password: 'pw' },
    hosts: [
      { host: '127.0.0.1', port: 7000 },
      { host: 'localhost', port: 6379 },
    ],
  });
});

t.test('an address that must not be used is refused with its reason, and never quoted', async (t) => {
  const rows: [address: string, fault: RegExp | undefined][] = [
    ['rediss+cluster://cli:s3cret@a.example,b.example', undefined],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?sentinel_password=x', undefined],
    ['redis+cluster://127.0.0.1:7000', /no password/],
    ['redis+cluster://cli:s3cret@127.0.0.1:7000,10.0.0.2:7000', /without TLS: use rediss\+cluster/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main', /no sentinel_password/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1?sentinel_password=x', /must be redis/],
    ['redis+sentinel://cli:s3cret@10.0.0.1/main?sentinel_password=x', /without TLS: use rediss\+sentinel/],
    ['redis://cli:s3cret@127.0.0.1:1,127.0.0.1:2', /must be redis/],
    ['redis+cluster://cli:s3cret@127.0.0.1:x', /must be redis/],
    ['redis+cluster://cli:s3cret@127.0.0.1:1,,127.0.0.1:2', /must be redis/],
    ['redis+cluster://cli:%zz@127.0.0.1:1', /must be redis/],
    ['redis://cli:s3cret@127.0.0.1:0', /must be redis/],
    ['redis://cli:s3cret@127.9.9.9:1', undefined],
    ['redis://cli:s3cret@127.999.1.1:1', /without TLS: use rediss/],
    ['redis+other://cli:s3cret@127.0.0.1:1', /must be redis/],
    ['redis://cli:s3cret@127.0.0.1:1/3', /must be redis/],
    ['redis+cluster://cli:s3cret@127.0.0.1:1?db=3', /must be redis/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?sentinel_password=x&sentinel_username=y', undefined],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?sentinel_password=x&db=3', /must be redis/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?sentinel_password=x&role=slave', /must be redis/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?Sentinel_Password=x', /must be redis/],
    ['redis+sentinel://cli:s3cret@127.0.0.1:1/main?sentinel_password=x&sentinel_password=', /must be redis/],
    ['', /must be redis/],
  ];

  for (const [address, fault] of rows) {
    const found = findRedisUrlFault(address);
    if (fault) t.match(found, fault, address);
    else t.equal(found, undefined, address);
    t.notMatch(found ?? '', 's3cret');
  }
});
