import t, { type Test } from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { clientsKey, eventsKey, sessionKey } from '../../services/core/redis/keys.ts';
import { renewSession } from '../../services/core/sessions/renew-session.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { findSession } from '../../services/core/sessions/session.ts';
import { lives, openTestStore, signInAs } from '../cli/sign-in.ts';
import { startTestStack } from '../support/stack.ts';

const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFnLXRhZy10YWctdGFn';

async function startRedisWithAccounts(test: Test) {
  const stack = await startTestStack(test, { parts: ['redis'] });
  const store = await openTestStore(test, stack.redisUrl('session'));
  for (const username of ['ana', 'ben']) {
    await createAccount(store, { username, roles: ['user'], passwordHash, actor: 'test' });
  }
  return { stack, store };
}

t.test('an acknowledged revocation is a tombstone that survives SIGKILL of Redis', async (t) => {
  const { stack, store } = await startRedisWithAccounts(t);
  const session = await signInAs(store, 'ana');
  const other = await signInAs(store, 'ben');

  t.equal(
    await revokeSession(store, session.sid, { uid: session.uid, reason: 'stolen', actor: 'ops' }),
    true,
  );
  await stack.part('redis').kill();
  await stack.part('redis').start();

  const again = await openTestStore(t, stack.redisAdminUrl);
  const tombstone = await again.redis.hgetall(sessionKey(session.sid));
  t.match(tombstone, { state: 'revoked', reason: 'stolen', actor: 'ops', endedAtMs: /^\d{13}$/ });
  const lifeSeconds = await again.redis.ttl(sessionKey(session.sid));
  t.ok(lifeSeconds > (session.absoluteUntilMs - Date.now()) / 1000, 'it outlives every token of its session');
  t.equal((await findSession(again, other.sid))?.state, 'active', 'the other session lives on');
  const events = await again.redis.xrange(eventsKey(session.sid.charAt(0)), '-', '+');
  t.ok(
    events.some(([, fields]) => fields.includes('session-revoked') && fields.includes(session.sid)),
    'its event is there too',
  );
});

t.test(
  'a revocation is not acknowledged without the replicas asked for, and repeating it is harmless',
  async (t) => {
    const { stack, store } = await startRedisWithAccounts(t);
    const session = await signInAs(store, 'ana');
    const strict = openStore({ url: stack.redisUrl('session'), commandTimeoutMs: 5000, replicasRequired: 1 });
    t.teardown(() => strict.close());
    await untilReady(strict, 5000);
    const revocation = { uid: session.uid, reason: 'stolen', actor: 'ops' };

    await t.rejects(revokeSession(strict, session.sid, revocation), { code: 'SYS_NOT_DURABLE', status: 503 });
    await t.rejects(revokeSession(strict, session.sid, revocation), { code: 'SYS_NOT_DURABLE' });

    t.equal((await findSession(store, session.sid))?.state, 'revoked', 'in doubt it is revoked');
    t.equal(await revokeSession(store, session.sid, revocation), false, 'there was nothing left to end');
  },
);

t.test('nobody is told of a renewal that a fail-over could take back', async (t) => {
  const { stack, store } = await startRedisWithAccounts(t);
  const { sid } = await signInAs(store, 'ana');
  const strict = openStore({ url: stack.redisUrl('session'), commandTimeoutMs: 5000, replicasRequired: 1 });
  t.teardown(() => strict.close());
  await untilReady(strict, 5000);

  await t.rejects(renewSession(strict, { sid, generation: 1 }, lives), { code: 'SYS_NOT_DURABLE' });
  t.match(await renewSession(store, { sid, generation: 1 }, lives), { outcome: 'repeated' }, 'try again');
});

t.test('SCRIPT FLUSH between two calls is survived', async (t) => {
  const { stack, store } = await startRedisWithAccounts(t);
  const admin = await openTestStore(t, stack.redisAdminUrl);
  const first = await signInAs(store, 'ana');

  await admin.redis.script('FLUSH');
  const second = await signInAs(store, 'ana');

  t.not(first.sid, second.sid);
  t.equal((await findSession(store, second.sid))?.state, 'active');
});

t.test('nobody gets in as the default user, and the webhook service cannot write a session', async (t) => {
  const { stack, store } = await startRedisWithAccounts(t);
  const session = await signInAs(store, 'ana');
  const key = sessionKey(session.sid);
  const webhook = await openTestStore(t, stack.redisUrl('webhook'));
  const nobody = openStore({ url: stack.urls.redis, commandTimeoutMs: 2000 });
  t.teardown(() => nobody.close());

  await t.rejects(untilReady(nobody, 1000), /NOAUTH|no answer/);
  t.equal((await webhook.redis.hget(key, 'state')) ?? '', 'active', 'it may read one');
  await t.rejects(webhook.redis.hset(key, 'state', 'active'), /NOPERM/);
  await t.rejects(webhook.redis.del(key), /NOPERM/);
  await t.rejects(
    webhook.redis.eval("return redis.call('HSET', KEYS[1], 'state', 'active')", 1, key),
    /NOPERM/,
  );
  await t.rejects(
    webhook.redis.hget(`bn:{${session.uid.charAt(0)}}:credential:${session.uid}`, 'passwordHash'),
    /NOPERM/,
  );
  t.equal(
    await webhook.redis.hset(clientsKey(session.sid), session.sid, '1 1'),
    1,
    'it may note a client id',
  );
  const forbidden = [
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['KEYS', '*'],
    ['SCRIPT', 'FLUSH'],
    ['PUBLISH', 'events', 'x'],
  ] as const;
  for (const command of forbidden) {
    for (const user of [store, webhook]) {
      await t.rejects(user.redis.call(command[0], ...command.slice(1)), /NOPERM/, command.join(' '));
    }
  }
});
