import t, { type Test } from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { deleteAccount, disableAccount } from '../../services/core/accounts/change-account-state.ts';
import { purgeAccount } from '../../services/core/accounts/purge-account.ts';
import { noteClients } from '../../services/core/connections/note-clients.ts';
import { loginKey, sessionIndexKey, sessionKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { renewSession, rotateSession } from '../../services/core/sessions/renew-session.ts';
import { revokeAllSessions, revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { findSession, type SessionLives } from '../../services/core/sessions/session.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { configure } from '../support/every-primary.ts';
import { startTestStack } from '../support/stack.ts';

const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFnLXRhZy10YWctdGFn';
const lives: SessionLives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 3600,
  absoluteSeconds: 7200,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};

const stack = await startTestStack(t, { parts: ['redis'] });
const admin = await openTestStore(t, stack.redisAdminUrl);
let people = 0;

async function newPerson(store: Store = admin) {
  people += 1;
  const username = `person-${people}`;
  const creation = await createAccount(store, { username, roles: ['user'], passwordHash, actor: 'test' });
  if (creation.outcome !== 'created') throw new Error(creation.outcome);
  return { username, uid: creation.uid };
}

async function signIn(t: Test, uid: string, more: Partial<SessionLives> = {}) {
  const epoch = (await admin.redis.hget(`bn:{${uid.charAt(0)}}:account:${uid}`, 'epoch')) ?? '';
  const context = { uid, epoch, amr: ['pwd'], ip: '192.0.2.1', userAgent: 'test' };
  const session = await createSession(admin, context, { ...lives, ...more });
  if (!session) return t.fail('the sign-in was refused') as never;
  return session;
}

const stateOf = async (sid: string) => (await findSession(admin, sid))?.state;

t.test('a thief who connects with an old access token does not hide that the new one was used', async (t) => {
  const { uid } = await newPerson();
  const { sid, nowMs } = await signIn(t, uid);
  t.equal((await renewSession(admin, { sid, generation: 1 }, lives)).outcome, 'rotated');
  await noteClients(admin, [{ sid, clientId: sid, generation: 2, seenMs: nowMs }]);

  await noteClients(admin, [{ sid, clientId: sid, generation: 1, seenMs: nowMs }]);

  const late = nowMs + 11_000;
  t.same(await renewSession(admin, { sid, generation: 1 }, lives, late), {
    outcome: 'reuse',
    case: 'late-parent',
  });
});

t.test('a clock that steps back does not make the grace longer', async (t) => {
  const { uid } = await newPerson();
  const { sid, nowMs } = await signIn(t, uid);
  const later = nowMs + 600_000;
  await renewSession(admin, { sid, generation: 1 }, lives, later);
  await noteClients(admin, [{ sid, clientId: sid, generation: 2, seenMs: nowMs }]);

  t.equal((await renewSession(admin, { sid, generation: 1 }, lives, nowMs)).outcome, 'reuse');
});

t.test('a short session that begins later does not hide a longer one from disable', async (t) => {
  const { uid } = await newPerson();
  const long = await signIn(t, uid);
  await signIn(t, uid, { absoluteSeconds: 60, renewalIdleSeconds: 60 });

  t.ok(
    (await admin.redis.pttl(sessionIndexKey(uid))) > lives.absoluteSeconds * 1000,
    'the index outlives both',
  );
  await disableAccount(admin, { uid, reason: 'test', actor: 'test' });
  t.equal(await stateOf(long.sid), 'revoked');
});

t.test('a session that idled out is a tombstone once it leaves the index', async (t) => {
  const { uid } = await newPerson();
  const { sid } = await signIn(t, uid);
  await admin.redis.hset(sessionKey(sid), 'idleUntilMs', 1);

  await signIn(t, uid);

  t.equal(await stateOf(sid), 'revoked');
});

t.test('access never outlives the idle limit', async (t) => {
  const { uid } = await newPerson();
  const session = await signIn(t, uid, { renewalIdleSeconds: 60 });

  t.ok(session.accessUntilMs <= session.idleUntilMs);
});

t.test('a full Redis refuses sign-ins, but never a revocation', async (t) => {
  const { uid } = await newPerson();
  const first = await signIn(t, uid);
  const second = await signIn(t, uid);
  await configure(admin, 'maxmemory', '1mb');
  t.teardown(() => configure(admin, 'maxmemory', '0'));

  await t.rejects(signIn(t, uid), /OOM/);
  t.equal(await revokeSession(admin, first.sid, { uid, reason: 'stolen', actor: 'ops' }), true);
  t.equal(await revokeAllSessions(admin, { uid, reason: 'stolen', actor: 'ops' }), 1);
  t.match(await disableAccount(admin, { uid, reason: 'stolen', actor: 'ops' }), { changed: true });

  t.equal(await stateOf(first.sid), 'revoked');
  t.equal(await stateOf(second.sid), 'revoked');
  await configure(admin, 'maxmemory', '0');
});

t.test('a sign-in that began before the end of all sessions is refused', async (t) => {
  const { uid } = await newPerson();
  const context = { uid, epoch: '0', amr: ['pwd'], ip: '192.0.2.1', userAgent: 'test' };
  t.ok(await createSession(admin, context, lives), 'its allowed twin');

  await revokeAllSessions(admin, { uid, reason: 'test', actor: 'test' });

  t.equal(await createSession(admin, context, lives), undefined);
});

t.test('a rotation by password proof works however often the session was renewed meanwhile', async (t) => {
  const { uid } = await newPerson();
  const { sid } = await signIn(t, uid);
  await renewSession(admin, { sid, generation: 1 }, lives);
  await renewSession(admin, { sid, generation: 2 }, lives);

  t.equal((await rotateSession(admin, sid, lives))?.generation, 4);
  await revokeSession(admin, sid, { uid, reason: 'test', actor: 'test' });
  t.equal(await rotateSession(admin, sid, lives), undefined, 'but not after its end');
});

t.test('a purge that failed half-way never frees the name of another account', async (t) => {
  const { uid, username } = await newPerson();
  const change = { uid, reason: 'test', actor: 'test', purgatorySeconds: 60 };
  const failing = { ...admin, confirmDurable: () => Promise.reject(new Error('no replica')) };
  await t.rejects(deleteAccount(failing, change), /no replica/);
  t.match(await deleteAccount(admin, change), { changed: false }, 'a repeated deletion is harmless');
  t.equal(await admin.redis.get(loginKey(username)), uid, 'the name is held');

  await t.rejects(purgeAccount(failing, { uid, actor: 'test', atOnce: true }), /no replica/);
  await admin.redis.set(loginKey(username), 'somebody-else');
  t.match(await purgeAccount(admin, { uid, actor: 'test', atOnce: true }), { outcome: 'unknown' });

  t.equal(await admin.redis.get(loginKey(username)), 'somebody-else');
});

t.test('fifty registrations of one name at once make one account', async (t) => {
  const account = { username: 'wanted', roles: ['user'], passwordHash, actor: 'test' };
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => createAccount(admin, account)));

  t.equal(outcomes.filter(({ outcome }) => outcome === 'created').length, 1);
  t.equal(outcomes.filter(({ outcome }) => outcome === 'username-taken').length, 49);
  t.equal(await admin.redis.ttl(loginKey('WANTED')), -1, 'its name is held for good');
});
