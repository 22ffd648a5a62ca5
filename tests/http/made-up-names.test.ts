import t from 'tap';
import { startMailStage } from '../support/mail-service.ts';
import { faultOf, readKeyTable } from '../truth/key-lives.ts';

/** The limits of a service as it ships, where the other tests widen them. */
const shippedLimits = {
  GUESS_FAILURES_PER_NETWORK: '300',
  REGISTER_REQUESTS_PER_NETWORK: '30',
  FORGOT_REQUESTS_PER_NETWORK: '30',
  REFRESH_REQUESTS_PER_NETWORK: '600',
};
const { ask, store } = await startMailStage(t, shippedLimits);

/** A word that no key and no value may hold. */
const madeUp = 'made-up';
const nameOf = (i: number) => `${madeUp}.${i}`;

/** What somebody without an account can ask for, each time in another name. */
const requests: ((i: number) => Promise<unknown>)[] = [
  (i) => ask('POST', '/api/auth/login', { body: { username: nameOf(i), password: `${madeUp} password` } }),
  (i) => ask('POST', '/login', { body: { username: nameOf(i), password: `${madeUp} password` } }),
  (i) =>
    ask('POST', '/users/1.0/session/signin', {
      body: { email: `${nameOf(i)}@example.org`, password: madeUp },
    }),
  (i) => ask('POST', '/api/auth/forgot-password', { body: { email: `${nameOf(i)}@example.org` } }),
  (i) => ask('POST', '/api/auth/refresh', { body: { refresh_token: `${nameOf(i)}.1.k.m` } }),
  (i) => ask('POST', '/api/auth/2fa/verify', { body: { temp_token: `${nameOf(i)}.x`, code: '000000' } }),
  (i) => ask('POST', '/api/auth/reset-password', { body: { token: nameOf(i), new_password: madeUp } }),
  (i) => ask('POST', '/api/auth/verify-email', { body: { token: nameOf(i) } }),
  (i) => ask('GET', '/api/auth/me', { token: nameOf(i) }),
];

/** The keys that were not there before. */
const newKeysOf = async (before: Set<string>) =>
  (await store.redis.keys('*')).filter((key) => !before.has(key));

async function sendAll(from: number, rounds: number): Promise<void> {
  for (let i = from; i < from + rounds; i += 1) await Promise.all(requests.map((send) => send(i)));
}

t.test(
  'names that a stranger makes up are hashed, lapse, and end at the limits of the network',
  async (t) => {
    const before = new Set(await store.redis.keys('*'));
    const rows = readKeyTable();
    await sendAll(0, 110);
    const added = await newKeysOf(before);

    await sendAll(1000, 20);
    await store.redis.config('SET', 'rdbcompression', 'no');

    for (const at of [0, 1, 2, 3])
      t.match(await requests[at]?.(2000), { status: /^4(29|00)$/ }, `request ${at}`);
    t.ok(added.length > 50 && added.length < 400, `${added.length} keys`);
    t.equal((await newKeysOf(before)).length, added.length, 'past the limits nothing is added');
    for (const key of added) {
      const [type, ttlSeconds] = [await store.redis.type(key), await store.redis.ttl(key)];
      t.equal(faultOf({ key, type, ttlSeconds }, rows), undefined, key);
      if (!key.startsWith('bn:{audit}')) t.ok(ttlSeconds > 0, `${key} lapses`);
      t.notMatch(key, madeUp);
      t.notMatch((await store.redis.dump(key)) ?? '', madeUp, `${key} holds no made-up name`);
    }
  },
);
