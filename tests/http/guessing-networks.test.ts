import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import t, { type Test } from 'tap';
import { somebody, startService, startSessionStage, type Answer } from '../support/session-service.ts';
import { until } from '../support/until.ts';

const stage = await startSessionStage(t, { GUESS_FAILURES_PER_NETWORK: '3' });
const behindProxy = await startService(t, stage.stack, {
  TRUSTED_PROXIES: '127.0.0.1',
  GUESS_FAILURES_PER_NETWORK: '3',
  REGISTER_REQUESTS_PER_NETWORK: '2',
  REFRESH_REQUESTS_PER_NETWORK: '2',
  RENEWAL_GRACE_SECONDS: '60',
  SIGN_INS_PER_ACCOUNT: '3',
});

const wrong = 'not the password at all';
const times = (count: number) => Array.from({ length: count }, (_, i) => i);
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const isTooMany = (t: Test, answer: Answer, mostSeconds: number) => {
  t.equal(answer.status, 429);
  t.equal(answer.code, 'RATE_LIMIT_EXCEEDED');
  const wait = Number(answer.headers.get('retry-after'));
  t.ok(wait >= 1 && wait <= mostSeconds, `Retry-After: ${wait}`);
};
/** A failure with a name that nobody has tried yet. */
const fail = ({ ask }: Pick<typeof stage, 'ask'>, headers: Record<string, string>) =>
  ask('POST', '/api/auth/login', { body: { username: somebody().username, password: wrong }, headers });

t.test('X-Forwarded-For and X-Real-IP of strangers change nothing', async (t) => {
  for (const i of times(3)) {
    const headers = { ...from(`192.0.2.${i}`), 'x-real-ip': `192.0.2.${i}`, forwarded: `for=192.0.2.${i}` };
    t.equal((await fail(stage, headers)).status, 401);
  }

  isTooMany(t, await fail(stage, from('192.0.2.99')), 3600);
});

t.test('behind a listed proxy each client is counted by itself', async (t) => {
  for (const i of times(6)) t.equal((await fail(behindProxy, from(`198.51.100.${i}`))).status, 401);
  for (const _ of times(3)) await fail(behindProxy, from('198.51.100.200'));

  isTooMany(t, await fail(behindProxy, from('198.51.100.200')), 3600);
  isTooMany(t, await fail(behindProxy, from('203.0.113.77, 198.51.100.200')), 3600);
});

t.test('IPv6 is counted per /64', async (t) => {
  for (const i of times(3)) await fail(behindProxy, from(`2001:db8:1:2::${i + 1}`));

  isTooMany(t, await fail(behindProxy, from('2001:db8:1:2:ffff::1')), 3600);
  t.equal((await fail(behindProxy, from('2001:db8:1:3::1'))).status, 401, 'its neighbour');
});

t.test('a success is no failure of its network', async (t) => {
  const person = await stage.register();
  const headers = from('198.51.100.210');
  for (const _ of times(2)) await fail(behindProxy, headers);
  const { status } = await behindProxy.ask('POST', '/api/auth/login', {
    body: { username: person.username, password: person.password },
    headers,
  });

  t.equal(status, 200);
  t.equal((await fail(behindProxy, headers)).status, 401, 'the third failure');
  isTooMany(t, await fail(behindProxy, headers), 3600);
});

t.test(
  'registrations and renewals of a network are limited; forged renewals count for nothing',
  async (t) => {
    const headers = from('198.51.100.220');
    const register = () => behindProxy.ask('POST', '/api/auth/register', { body: somebody(), headers });
    const tokens = await stage.signInSomebody().catch(() => undefined);
    t.equal(tokens, undefined, 'this network had its failures above');
    for (const _ of times(2)) t.equal((await register()).status, 201);
    isTooMany(t, await register(), 3600);

    const person = await stage.register();
    const { refresh_token: token } = await behindProxy.signIn(person, headers);
    const refresh = (refresh_token: string) =>
      behindProxy.ask('POST', '/api/auth/refresh', { body: { refresh_token }, headers });
    for (const _ of times(5)) t.equal((await refresh('forged')).status, 401);
    for (const _ of times(2)) t.equal((await refresh(token)).status, 200);
    isTooMany(t, await refresh(token), 60);
    t.equal((await refresh('forged')).status, 401);
  },
);

t.test('an account is signed in to so often an hour and no more', async (t) => {
  const person = await stage.register();
  const other = await stage.register();
  const login = ({ username, password } = person) =>
    behindProxy.ask('POST', '/api/auth/login', {
      body: { username, password },
      headers: from('198.51.100.230'),
    });
  for (const _ of times(3)) t.equal((await login()).status, 200);

  const refused = await login();

  t.equal(refused.status, 503);
  t.equal(refused.code, 'SYS_BUSY');
  t.ok(Number(refused.headers.get('retry-after')) > 3000);
  t.equal((await login({ ...person, password: wrong })).status, 401, 'a wrong password learns nothing of it');
  t.equal((await login(other)).status, 200, 'another account');
});

t.test('one network that fills the password queue keeps nobody else out', async (t) => {
  const service = await startService(t, stage.stack, { TRUSTED_PROXIES: '127.0.0.1' });
  const people = await Promise.all(times(availableParallelism() * 7).map(() => stage.register()));
  let refused = 0;
  const release = holdHashes(t);
  const flood = times(availableParallelism() * 20).map(async () => {
    const { code } = await fail(service, from('192.0.2.66'));
    if (code === 'SYS_BUSY') refused += 1;
  });
  // One of each core is hashed, and eight wait.
  await until(() => refused >= availableParallelism() * 11, { what: 'the queue is full' });

  const logins = people.map(({ username, password }, i) =>
    service.ask('POST', '/api/auth/login', {
      body: { username, password },
      headers: from(`198.51.100.${i}`),
    }),
  );
  await until(() => refused >= availableParallelism() * 18, { what: 'the flood has given way' });
  release();

  t.same(new Set((await Promise.all(logins)).map(({ status }) => status)), new Set([200]));
  await Promise.all(flood);
});

/** Lets no check of a password go on until the function that it returns is called. */
function holdHashes(t: Test): () => void {
  const { verify } = argon2;
  const { promise, resolve } = Promise.withResolvers<void>();
  const restore = () => void Object.assign(argon2, { verify });
  argon2.verify = (async (...args: Parameters<typeof verify>) => {
    await promise;
    return verify(...args);
  }) as typeof verify;
  t.teardown(restore);
  return () => {
    restore();
    resolve();
  };
}
