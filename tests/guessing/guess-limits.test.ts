import t from 'tap';
import { guessedAccountOf } from '../../services/core/guessing/guessed-account.ts';
import { isStoreUnavailable } from '../../services/core/redis/store.ts';
import { annUid, fail, failPatiently, granted, startGuessStage, tryFrom } from './guess-stage.ts';

const stage = await startGuessStage(t);
const clockMs = 1_800_000_000_000;
const made = (count: number) => Array.from({ length: count }, (_, i) => i);
const failedOf = (ip: string) => stage.admin.get(`bn:network:failed-password:${ip}`);

t.beforeEach(() => stage.admin.flushall());

t.test('password, second factor, backup code and mail code are counted apart', async (t) => {
  const limits = stage.open();
  const other = ['second-factor', 'backup-code', 'mail-code'] as const;
  for (let i = 0; i < 6; i += 1) await fail(limits, tryFrom('192.0.2.1'), clockMs);

  for (const kind of other) {
    const grant = granted(await limits.beforeTry(tryFrom('192.0.2.1', { kind }), clockMs));
    await grant.settle('right');
  }

  t.match(await limits.beforeTry(tryFrom('192.0.2.1'), clockMs), { allowed: false, reason: 'delayed' });
  await limits.lift(annUid, 'password');
  for (let i = 0; i < 6; i += 1) await fail(limits, tryFrom('192.0.2.1', { kind: 'second-factor' }), clockMs);
  await limits.lift(annUid, 'password');
  t.match(
    await limits.beforeTry(tryFrom('192.0.2.1', { kind: 'second-factor' }), clockMs),
    { allowed: false, reason: 'delayed' },
    "a reset of the password does not lift the second factor's delay",
  );
});

t.test('renewals and other requests reset no counter of failures', async (t) => {
  const limits = stage.open();
  for (let i = 0; i < 6; i += 1) await fail(limits, tryFrom('192.0.2.1'), clockMs);

  const requests = ['refresh', 'introspection', 'register', 'forgot'] as const;
  for (const what of requests) t.same(await limits.takeRequest(what, '192.0.2.1'), { allowed: true }, what);

  t.match(await limits.beforeTry(tryFrom('192.0.2.1'), clockMs), { allowed: false, reason: 'delayed' });
  t.equal(await failedOf('192.0.2.1'), '5');
});

t.test('all hosts of an IPv6 /64 share one count, the next /64 has its own', async (t) => {
  const limits = stage.open({ failuresPerNetwork: 3 });
  const from = (ip: string, i: number) => tryFrom(ip, { uid: undefined, login: `nobody-${i}` });
  for (const i of made(3)) await fail(limits, from(`2001:db8:1:2::${i}`, i));

  t.match(await limits.beforeTry(from('2001:db8:1:2:ffff::9', 9)), { allowed: false, reason: 'network' });
  t.equal((await limits.beforeTry(from('2001:db8:1:3::9', 9))).allowed, true);
});

t.test(
  '50 parallel wrong tries of a network count 50 and never more than its limit go through',
  async (t) => {
    const attempts = made(50).map((i) => tryFrom('192.0.2.1', { uid: undefined, login: `name-${i}` }));
    const roomy = stage.open();
    await Promise.all(attempts.map((attempt) => fail(roomy, attempt)));
    t.equal(await failedOf('192.0.2.1'), '50');

    await stage.admin.flushall();
    const narrow = stage.open({ failuresPerNetwork: 40 });
    const answers = await Promise.all(attempts.map((attempt) => fail(narrow, attempt)));

    t.equal(answers.filter(({ allowed }) => allowed).length, 40);
  },
);

t.test('50 parallel wrong tries at one account: five are checked', async (t) => {
  const limits = stage.open();

  const answers = await Promise.all(made(50).map((i) => fail(limits, tryFrom(`192.0.2.${i}`))));

  t.equal(answers.filter(({ allowed }) => allowed).length, 5);
  t.match(await stage.admin.hgetall(`bn:{A}:guesses:password:${annUid}`), { new: /^5 /, row: '5' });
});

t.test('50 parallel wrong tries at one account count 50 where so many are free', async (t) => {
  const limits = stage.open({ freeFailures: 60 });

  await Promise.all(made(50).map(() => fail(limits, tryFrom('192.0.2.1'))));

  t.match(await stage.admin.hgetall(`bn:{A}:guesses:password:${annUid}`), { new: /^50 /, row: '50' });
});

t.test(
  'an unknown login is throttled like an account, and nobody is told how many tries are left',
  async (t) => {
    const limits = stage.open();
    const answersFor = async (attempt: ReturnType<typeof tryFrom>) => {
      const { waitsSeconds } = await failPatiently(limits, attempt, { count: 12, fromMs: clockMs });
      return { waitsSeconds, refusal: await limits.beforeTry(attempt, clockMs) };
    };

    const known = await answersFor(tryFrom('192.0.2.1'));
    const unknown = await answersFor(tryFrom('192.0.2.2', { uid: undefined, login: 'nobody' }));

    t.same(unknown, known);
    t.same(Object.keys(known.refusal), ['allowed', 'reason', 'retryAfterSeconds']);
  },
);

t.test('spellings of an unknown login share a count; an account has one for all its logins', async (t) => {
  const limits = stage.open();
  const spellings = ['Nobody', 'nobody', ' NOBODY ', 'nobody', 'NoBody'];
  for (const login of spellings) await fail(limits, tryFrom('192.0.2.1', { uid: undefined, login }), clockMs);
  for (const login of ['ann', 'ann@example.org', 'ANN', 'ann', 'ann'])
    await fail(limits, tryFrom('192.0.2.1', { login }), clockMs);

  const refused = [
    await limits.beforeTry(tryFrom('192.0.2.9', { uid: undefined, login: 'nobody' }), clockMs),
    await limits.beforeTry(tryFrom('192.0.2.9', { login: 'ann@example.com' }), clockMs),
  ];

  for (const answer of refused) t.match(answer, { allowed: false, reason: 'delayed' });
});

t.test('made-up logins end in 65,536 names at most and are stored nowhere', async (t) => {
  const limits = stage.open();
  const secret = Buffer.alloc(32, 7);
  const names = made(5000).map((i) => guessedAccountOf({ uid: undefined, login: `made-up-${i}` }, secret));
  const numbers = names.map(({ name }) => Number(/^unknown\.(\d+)$/.exec(name)?.[1]));
  const partitions = new Set(names.map(({ partition }) => partition));
  const long = 'my-password-typed-into-the-wrong-box'.repeat(100);
  await fail(limits, tryFrom('192.0.2.1', { uid: undefined, login: long }));

  t.equal(partitions.size, 64);
  t.ok(
    numbers.every((number) => number < 1024),
    '64 partitions of 1024 names',
  );
  const [key = ''] = await stage.admin.keys('bn:*:guesses:*');
  t.match(key, /^bn:\{[\w-]\}:guesses:password:unknown\.\d{1,4}$/);
  t.notMatch(JSON.stringify(await stage.admin.hgetall(key)), 'wrong-box');
  const elsewhere = guessedAccountOf({ uid: undefined, login: 'made-up-1' }, Buffer.alloc(32, 8));
  t.notSame(names[1], elsewhere, 'who shares a name depends on the secret');
});

t.test('every key has a TTL, also once a secret is disabled', async (t) => {
  const limits = stage.open({ failuresInARow: 20, networkBlockSeconds: 600, failuresPerNetwork: 30 });
  await limits.rememberNetwork(annUid, '192.0.2.1');
  await granted(await limits.beforeTry(tryFrom('192.0.2.1'))).settle('right');
  await failPatiently(limits, tryFrom('192.0.2.9'), { count: 10, fromMs: clockMs });
  for (const i of made(40)) await fail(limits, tryFrom('192.0.2.2', { uid: undefined, login: `x${i}` }));
  for (const what of ['refresh', 'register'] as const) await limits.takeRequest(what, undefined);

  const keys = await stage.admin.keys('*');
  const yearSeconds = 365 * 86_400;
  t.ok(keys.length > 30, `${keys.length} keys`);
  for (const key of keys) {
    const ttlSeconds = await stage.admin.ttl(key);
    t.ok(ttlSeconds > 0 && ttlSeconds <= yearSeconds, `${key}: ${ttlSeconds} s`);
  }
  t.ok(
    (await stage.admin.ttl(`bn:{A}:guesses:password:${annUid}`)) > yearSeconds - 60,
    'disabled for a year',
  );
});

t.test('a settlement that comes after its counters are gone makes no key without a TTL', async (t) => {
  const limits = stage.open();
  const results = ['right', 'unchecked', 'wrong'] as const;
  const grants = [];
  for (const result of results)
    grants.push({ result, grant: granted(await limits.beforeTry(tryFrom('::1'))) });
  await stage.admin.flushall();

  for (const { result, grant } of grants) await grant.settle(result);

  for (const key of await stage.admin.keys('*')) t.ok((await stage.admin.ttl(key)) > 0, key);
  t.equal(await stage.admin.exists(`bn:{A}:guesses:password:${annUid}`), 0);
});

t.test('SCRIPT FLUSH is survived', async (t) => {
  const limits = stage.open();
  const first = granted(await limits.beforeTry(tryFrom('192.0.2.1')));

  await stage.admin.script('FLUSH');
  await first.settle('right');
  await stage.admin.script('FLUSH');
  await limits.rememberNetwork(annUid, '192.0.2.1');
  await stage.admin.script('FLUSH');

  t.match(await limits.beforeTry(tryFrom('192.0.2.1')), { allowed: true, isKnownNetwork: true });
});

t.test('without Redis nothing is granted: the error says that the store is away', async (t) => {
  const limits = stage.open();
  const grant = granted(await limits.beforeTry(tryFrom('192.0.2.1')));

  await stage.stop();

  const calls = [
    () => limits.beforeTry(tryFrom('192.0.2.1')),
    () => limits.takeRequest('refresh', '192.0.2.1'),
    () => grant.settle('right'),
    () => limits.rememberNetwork(annUid, '192.0.2.1'),
    () => limits.lift(annUid, 'password'),
    () => limits.forgetNetworks(annUid),
  ];
  for (const call of calls) {
    const error = await call().then(
      () => undefined,
      (error: unknown) => error,
    );
    t.ok(isStoreUnavailable(error), String(error));
  }
});
