import t from 'tap';
import { replaceRules } from '../../services/core/rules/replace-rules.ts';
import { rulesKey, sessionKey } from '../../services/core/redis/keys.ts';
import { flushAll, keysOf } from '../support/every-primary.ts';
import { startWebhookStage, type SignedIn } from '../support/webhook-service.ts';
import { until } from '../support/until.ts';

const stage = await startWebhookStage(t);
const { store } = stage;
const by = { actor: 'test' };

const connect = (session: SignedIn, change: { username?: string; clientid?: string } = {}) =>
  stage.askUser({
    username: session.username,
    password: session.token,
    clientid: session.clientId,
    ...change,
  });
const write = (session: SignedIn, topic = `users/${session.username}/x`, acc = 2) =>
  stage.askAcl({ username: session.username, clientid: session.clientId, topic, acc });

t.test('a live session connects under its own client ids and uses its own topics', async (t) => {
  const alice = await stage.signIn();

  t.equal((await connect(alice)).status, 200);
  t.equal((await connect(alice, { clientid: `${alice.sid}-tab.2_a-b` })).status, 200);
  t.equal((await write(alice)).status, 200);
  t.equal((await write(alice, `users/${alice.username}/#`, 4)).status, 200);
  t.equal((await write(alice, `$share/g/users/${alice.username}/#`, 4)).status, 200);
  t.equal((await write(alice, 'users/somebody/x')).reason, 'no-rule-allows');
  t.equal((await write(alice, 'users/#', 4)).reason, 'filter-not-covered');
});

t.test('nobody connects with the client id of another session, not even of the same account', async (t) => {
  const alice = await stage.signIn();
  const second = await stage.signInAgain(alice);
  const mallory = await stage.signIn();

  for (const thief of [mallory, second]) {
    t.equal((await connect(thief, { clientid: alice.clientId })).reason, 'client-id-of-other-session');
    t.equal((await connect(thief, { clientid: `${alice.sid}-x` })).reason, 'client-id-of-other-session');
  }
  t.equal((await connect(mallory, { username: alice.username })).reason, 'token-username-mismatch');
  t.equal(
    (await connect(alice, { username: alice.username.toUpperCase() })).reason,
    'token-username-mismatch',
  );
});

t.test(
  'a check is denied for a username that is not the one of the session, letter case included',
  async (t) => {
    const alice = await stage.signIn();
    const mallory = await stage.signIn();
    const check = { clientid: alice.clientId, topic: `users/${mallory.username}/x`, acc: 2 };

    t.equal(
      (await stage.askAcl({ ...check, username: mallory.username })).reason,
      'session-username-mismatch',
    );
    const shouted = { ...check, topic: `users/${alice.username}/x`, username: alice.username.toUpperCase() };
    t.equal((await stage.askAcl(shouted)).reason, 'session-username-mismatch');
  },
);

const endings: [name: string, reason: string, end: (session: SignedIn) => Promise<unknown>][] = [
  ['revoked', 'session-revoked', (session) => stage.revoke(session)],
  ['ended with its account', 'session-revoked', (session) => stage.disable(session)],
  ['pending', 'session-pending', (session) => change(session, 'pending', 'second-factor')],
  [
    'past its absolute life',
    'session-expired',
    (session) => change(session, 'absoluteUntilMs', Date.now() - 1),
  ],
  ['not renewed', 'access-lapsed', (session) => change(session, 'accessUntilMs', Date.now() - 1)],
  ['missing', 'session-unknown', (session) => store.redis.del(sessionKey(session.sid))],
  ['of an unknown state', 'session-revoked', (session) => change(session, 'state', 'ACTIVE')],
  [
    'without pending field',
    'session-pending',
    (session) => store.redis.hdel(sessionKey(session.sid), 'pending'),
  ],
  ['without times', 'access-lapsed', (session) => store.redis.hdel(sessionKey(session.sid), 'accessUntilMs')],
  ['with a broken time', 'session-expired', (session) => change(session, 'absoluteUntilMs', 'soon')],
  ['without username', 'session-unknown', (session) => store.redis.hdel(sessionKey(session.sid), 'username')],
  [
    'taken over by another account',
    'session-username-mismatch',
    (session) => change(session, 'username', 'root'),
  ],
];

for (const [name, reason, end] of endings) {
  t.test(`a session that is ${name} is denied at every check, by 403`, async (t) => {
    const alice = await stage.signIn();
    t.equal((await write(alice)).status, 200, 'before');

    await end(alice);

    for (const answer of [
      await connect(alice),
      await write(alice),
      await write(alice, `users/${alice.username}/x`, 1),
      await write(alice, `users/${alice.username}/x`, 4),
      await stage.ask('/user', { body: 'null', bearer: alice.token }),
    ]) {
      t.match(answer, { status: 403, reason });
    }
  });
}

t.test('a session whose hash is of another type is denied, not an error', async (t) => {
  const alice = await stage.signIn();
  await store.redis.del(sessionKey(alice.sid));
  await store.redis.set(sessionKey(alice.sid), 'x');

  t.match(await write(alice, undefined, 1), { status: 403, reason: 'check-failed' });
  t.match(await connect(alice), { status: 403, reason: 'check-failed' });
});

t.test('a token of another uid does not open a session', async (t) => {
  const alice = await stage.signIn();
  await change(alice, 'uid', `${alice.uid.slice(0, -1)}${alice.uid.endsWith('x') ? 'y' : 'x'}`);

  t.equal((await connect(alice)).reason, 'session-username-mismatch');
});

t.test('roles and rules count at the next check', async (t) => {
  const alice = await stage.signIn();
  await change(alice, 'roles', '');
  t.equal((await write(alice)).reason, 'no-rule-allows', 'no role, no right');
  await change(alice, 'roles', 'user,operator');
  t.equal((await write(alice, 'plant/1')).reason, 'no-rule-allows');

  const allow = { effect: 'allow', access: ['write', 'subscribe'], filter: 'plant/#' } as const;
  const first = await replaceRules(
    store,
    { version: '0', roles: { operator: { permissions: [], rules: [allow] } } },
    by,
  );
  t.equal((await write(alice, 'plant/1')).status, 200, 'at once');
  t.equal((await write(alice)).reason, 'no-rule-allows', 'the default rules are replaced');
  t.equal((await write(alice, 'plant/+', 4)).status, 200);

  const deny = { effect: 'deny', access: ['write', 'subscribe'], filter: 'plant/%u/#' } as const;
  const second = await replaceRules(
    store,
    { version: first.version, roles: { operator: { permissions: [], rules: [allow, deny] } } },
    by,
  );
  t.equal((await write(alice, `plant/${alice.username}/1`)).reason, 'denied-by-rule');
  t.equal((await write(alice, 'plant/+/1', 4)).reason, 'denied-by-rule', 'a filter that touches it');
  t.equal((await write(alice, 'plant/other')).status, 200);

  await store.redis.hset(rulesKey, 'version', `${second.version}x`, 'document', '{"roles": 1}');
  t.match(await write(alice, 'plant/other'), { status: 403, reason: 'rules-broken' });
  t.equal((await connect(alice)).status, 200, 'rules do not keep anybody from connecting');

  await store.redis.del(rulesKey);
  t.equal((await write(alice)).status, 200, 'the default rules again');
});

t.test('a read that meets a change of rules halfway is served, and the change counts', async (t) => {
  const alice = await stage.signIn({ roles: ['user', 'r'] });
  let version = '0';
  for (let i = 0; i < 20; i += 1) {
    const filter = `round/${i}`;
    const rules = [{ effect: 'allow', access: ['write'], filter }] as const;
    const document = { version, roles: { r: { permissions: [], rules } } };
    const during = Promise.all([write(alice, filter), write(alice, filter), write(alice, filter)]);
    ({ version } = await replaceRules(store, document, by));
    t.ok((await during).every(({ status }) => status === 200 || status === 403));
    t.equal((await write(alice, filter)).status, 200, filter);
    t.equal((await write(alice, `round/${i - 1}`)).status, 403, 'the version before');
  }
  await store.redis.del(rulesKey);
});

t.test('connected client ids are noted with their time, 64 at most', async (t) => {
  const alice = await stage.signIn();
  const key = `bn:{${alice.sid[0]}}:clients:${alice.sid}`;

  await connect(alice);
  await until(async () => (await store.redis.ttl(key)) > 0, { what: 'the note' });
  t.match(await store.redis.hgetall(key), { [alice.clientId]: /^\d{13}$/ });
  t.ok((await store.redis.ttl(key)) > 86_400 * 30, 'kept longer than a session lives');

  for (let i = 0; i < 70; i += 1) await connect(alice, { clientid: `${alice.sid}-${i}` });
  await until(async () => (await store.redis.hexists(key, `${alice.sid}-69`)) === 1, { what: 'the newest' });
  await until(async () => (await store.redis.hlen(key)) <= 64, { what: 'no more than 64' });
  t.ok(await store.redis.hexists(key, `${alice.sid}-69`), 'the newest stays');
});

t.test('a denied stranger leaves nothing behind in Redis', async (t) => {
  const alice = await stage.signIn();
  const before = await keysOf(store, '*');

  for (let i = 0; i < 50; i += 1) {
    await stage.askUser({ username: `n${i}`, password: 'wrong', clientid: `${'x'.repeat(21)}${i % 10}` });
    await connect(alice, { clientid: `${'y'.repeat(21)}${i % 10}` });
    await stage.askUser({ username: 'k:kick', password: 'wrong', clientid: alice.clientId });
  }

  // The service itself reports every few seconds which keys it has loaded.
  const isKnown = (key: string) => before.includes(key) || key.startsWith('bn:{keys}:');
  t.same(
    (await keysOf(store, '*')).filter((key) => !isKnown(key)),
    [],
  );
});

t.test('after FLUSHALL everybody is denied', async (t) => {
  const alice = await stage.signIn();
  await flushAll(store);

  t.match(await connect(alice), { status: 403, reason: 'session-unknown' });
  t.match(await write(alice), { status: 403, reason: 'session-unknown' });
});

function change(session: SignedIn, field: string, value: string | number): Promise<number> {
  return store.redis.hset(sessionKey(session.sid), field, value);
}
