import { connect, createServer, type AddressInfo } from 'node:net';
import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { eventsKey, expiryKey, sessionIndexKey, sessionKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { revokeSession } from '../../services/core/sessions/revoke-sessions.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { startTestStack } from '../support/stack.ts';

const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFnLXRhZy10YWctdGFn';
const lives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 3600,
  absoluteSeconds: 7200,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 1000,
};
const rounds = 30;
const bytesPerRound = 300;

const stack = await startTestStack(t, { parts: ['redis'] });
const admin = await openTestStore(t, stack.redisAdminUrl);
const ana = await createAccount(admin, { username: 'ana', roles: ['user'], passwordHash, actor: 'test' });
if (ana.outcome !== 'created') throw new Error(ana.outcome);
const { uid } = ana;
const signIn = async (store: Store) => {
  const context = { uid, epoch: '0', amr: ['pwd'], ip: '192.0.2.1', userAgent: 'test' };
  return createSession(store, context, lives);
};

/** Begins something over a link that ends once it has carried so many more bytes to Redis. */
async function cutAfter(bytes: number, begin: (store: Store) => Promise<unknown>): Promise<void> {
  let left = Infinity;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: stack.ports.redis, host: '127.0.0.1', noDelay: true });
    far.on('data', (answer) => near.write(answer));
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('close', () => far.end());
    near.on('data', (sent) => {
      far.write(sent.subarray(0, left));
      left -= sent.length;
      if (left <= 0) near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(stack.redisUrl('session'));
  url.port = String((server.address() as AddressInfo).port);
  const store = await openTestStore(t, url.href);
  left = bytes;
  await begin(store).catch(() => {});
  store.close();
  server.close();
}

/** Where traces of a session are: all that a script writes together. */
async function tracesOf(sid: string) {
  const [state, ttlMs, listed, lapses, events] = await Promise.all([
    admin.redis.hget(sessionKey(sid), 'state'),
    admin.redis.pttl(sessionKey(sid)),
    admin.redis.zscore(sessionIndexKey(uid), sid),
    admin.redis.zscore(expiryKey(uid.charAt(0)), sid),
    admin.redis.xrange(eventsKey(uid.charAt(0)), '-', '+'),
  ]);
  const told = events
    .map(([, fields]) => fields)
    .filter((fields) => fields.includes(sid))
    .map((fields) => fields[fields.indexOf('type') + 1]);
  return { state, hasTtl: ttlMs > 0, isListed: listed !== null, lapses: lapses !== null, told };
}

t.test('a revocation whose client is cut off happens as a whole or not at all', async (t) => {
  const states = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    const session = await signIn(admin);
    const sid = session?.sid ?? '';

    await cutAfter(1 + round * bytesPerRound, (store) =>
      revokeSession(store, sid, { uid, reason: 'test', actor: 'test' }),
    );

    const traces = await tracesOf(sid);
    const isLive = traces.state === 'active';
    states.set(String(traces.state), (states.get(String(traces.state)) ?? 0) + 1);
    t.same(traces, {
      ...{ state: isLive ? 'active' : 'revoked', hasTtl: true, isListed: isLive, lapses: isLive },
      told: isLive ? ['session-created'] : ['session-created', 'session-revoked'],
    });
  }
  t.ok((states.get('active') ?? 0) > 0 && (states.get('revoked') ?? 0) > 0, JSON.stringify([...states]));
});

t.test('a sign-in whose client is cut off leaves a whole session or none', async (t) => {
  for (let round = 0; round < rounds; round += 1) await cutAfter(1 + round * bytesPerRound, signIn);
  const made = await signIn(admin);

  const sids = new Set<string>();
  for (const [, fields] of await admin.redis.xrange(eventsKey(uid.charAt(0)), '-', '+'))
    sids.add(fields[fields.indexOf('sid') + 1] ?? '');
  const keys = await admin.redis.keys(sessionKey(uid.charAt(0) + '*'));
  const listed = await admin.redis.zrange(sessionIndexKey(uid), '0', '-1');
  for (const sid of new Set([...listed, ...keys.map((key) => key.split(':').at(-1) ?? '')])) {
    const traces = await tracesOf(sid);
    t.ok(sids.has(sid) && traces.hasTtl, sid);
    t.equal(traces.isListed, traces.state === 'active');
    t.equal(traces.lapses, traces.isListed);
  }
  t.ok(listed.includes(made?.sid ?? ''), 'one is made whole');
  t.ok(listed.length < 2 * rounds, 'not all were made');
});
