import t from 'tap';
import { createAccount } from '../../services/core/accounts/create-account.ts';
import { sessionKey, usedGenerationKey } from '../../services/core/redis/keys.ts';
import { openStore, untilReady } from '../../services/core/redis/store.ts';
import { createSession } from '../../services/core/sessions/create-session.ts';
import { renewSession } from '../../services/core/sessions/renew-session.ts';
import { startTestStack } from '../support/stack.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const store = openStore({ url: stack.redisUrl('session'), commandTimeoutMs: 20_000 });
await untilReady(store, 30_000);
const admin = openStore({ url: stack.redisAdminUrl, commandTimeoutMs: 20_000 });
await untilReady(admin, 30_000);
t.teardown(() => {
  store.close();
  admin.close();
});

const lives = {
  accessTtlSeconds: 900,
  renewalIdleSeconds: 604_800,
  absoluteSeconds: 2_592_000,
  renewalGraceSeconds: 10,
  sessionsPerAccount: 20,
};
let people = 0;

/** A fresh session; `renew(g, s)` renews by a token of generation g, s seconds after the sign-in. */
async function newSession() {
  people += 1;
  const account = await createAccount(store, {
    username: `person${people}`,
    roles: ['user'],
    passwordHash: 'none',
    actor: 'test',
  });
  if (account.outcome !== 'created') throw new Error(account.outcome);
  const signIn = { uid: account.uid, epoch: '0', amr: ['pwd'], ip: '', userAgent: '' };
  const session = await createSession(store, signIn, lives);
  if (!session) throw new Error('no session');
  const { sid, nowMs } = session;
  const renew = (generation: number, afterSeconds: number) =>
    renewSession(store, { sid, generation }, lives, nowMs + afterSeconds * 1000);
  return { ...session, renew, stored: () => admin.redis.hgetall(sessionKey(sid)) };
}

/** The outcome in one word or two. */
const told = (renewal: Awaited<ReturnType<typeof renewSession>>): string => {
  if (renewal.outcome === 'refused') return `refused ${renewal.reason}`;
  return renewal.outcome === 'reuse'
    ? `reuse ${renewal.case}`
    : `${renewal.outcome} ${renewal.session.generation}`;
};

/** Steps of [generation, seconds after the sign-in, what comes of it]. */
const tables: Record<string, [number, number, string][]> = {
  'g = G rotates': [
    [1, 100, 'rotated 2'],
    [2, 200, 'rotated 3'],
  ],
  'the parent in the grace gives the current pair': [
    [1, 100, 'rotated 2'],
    [1, 100, 'repeated 2'],
    [1, 110, 'repeated 2'],
  ],
  'the parent of an unused child gives the current pair at any time': [
    [1, 100, 'rotated 2'],
    [1, 100_000, 'repeated 2'],
    [2, 100_001, 'rotated 3'],
  ],
  'a repeated renewal rotates nothing': [
    [1, 100, 'rotated 2'],
    [1, 109, 'repeated 2'],
    [1, 118, 'repeated 2'],
    [2, 119, 'rotated 3'],
    [2, 129, 'repeated 3'],
    [1, 129.001, 'reuse ancestor'],
  ],
  'the grandparent is reuse, in the grace too': [
    [1, 100, 'rotated 2'],
    [2, 100, 'rotated 3'],
    [1, 100, 'reuse ancestor'],
    [3, 100, 'refused revoked'],
  ],
  'g > G is refused and ends nothing': [
    [2, 100, 'refused not-issued'],
    [1, 100, 'rotated 2'],
    [4, 100, 'refused not-issued'],
    [2, 100, 'rotated 3'],
  ],
  'idle too long': [
    [1, 604_799, 'rotated 2'],
    [2, 604_799 + 604_799, 'rotated 3'],
    [3, 604_799 + 604_799 + 604_800, 'refused idle'],
  ],
  'past the absolute life, however often renewed': [
    [1, 600_000, 'rotated 2'],
    [2, 1_200_000, 'rotated 3'],
    [3, 1_800_000, 'rotated 4'],
    [4, 2_400_000, 'rotated 5'],
    [5, 2_591_999, 'rotated 6'],
    [6, 2_592_000, 'refused absolute'],
  ],
};

for (const [name, steps] of Object.entries(tables)) {
  t.test(name, async (t) => {
    const { renew } = await newSession();

    for (const [generation, afterSeconds, expected] of steps) {
      t.equal(
        told(await renew(generation, afterSeconds)),
        expected,
        `g = ${generation} after ${afterSeconds} s`,
      );
    }
  });
}

t.test('an unknown session is refused and not made', async (t) => {
  const sid = 'A'.repeat(22);

  t.equal(told(await renewSession(store, { sid, generation: 1 }, lives)), 'refused unknown');
  t.equal(await admin.redis.exists(sessionKey(sid)), 0);
});

t.test('the grace counts from the answer that arrived: who lost one may have a second tab', async (t) => {
  const lost = await newSession();
  await lost.renew(1, 100);

  t.equal(told(await lost.renew(1, 1000)), 'repeated 2');
  await store.run('session-mark-used', [sessionKey(lost.sid)], [2, '']);
  t.equal(told(await lost.renew(1, 1010)), 'repeated 2', 'the second tab');
  t.equal(told(await lost.renew(1, 1010.001)), 'reuse late-parent', 'a use of the child ends that');
});

t.test('once the child was used, a repeat extends no grace', async (t) => {
  const used = await newSession();
  await used.renew(1, 100);
  await store.run('session-mark-used', [sessionKey(used.sid)], [2, '']);

  t.equal(told(await used.renew(1, 109)), 'repeated 2');
  t.equal(told(await used.renew(1, 110.001)), 'reuse late-parent');
});

t.test(
  'a late parent is reuse once the child was used: by an access token, or by an MQTT connection',
  async (t) => {
    const byToken = await newSession();
    await byToken.renew(1, 100);
    await store.run('session-mark-used', [sessionKey(byToken.sid)], [2, '']);
    const byConnection = await newSession();
    await byConnection.renew(1, 100);
    await admin.redis.zadd(usedGenerationKey(byConnection.sid), 2, 'generation');
    const byOlderConnection = await newSession();
    await byOlderConnection.renew(1, 100);
    await admin.redis.zadd(usedGenerationKey(byOlderConnection.sid), 1, 'generation');

    t.equal(told(await byToken.renew(1, 110)), 'repeated 2', 'the grace includes its last moment');
    t.equal(told(await byToken.renew(1, 110.001)), 'reuse late-parent');
    t.equal(told(await byConnection.renew(1, 111)), 'reuse late-parent');
    t.equal(
      told(await byOlderConnection.renew(1, 111)),
      'repeated 2',
      'a connection of the parent is no use of the child',
    );
  },
);

t.test('reuse is a tombstone with reason, actor and time, and stays one', async (t) => {
  const session = await newSession();
  await session.renew(1, 100);
  await session.renew(2, 100);

  await session.renew(1, 100);

  const stored = await session.stored();
  t.match(stored, {
    state: 'revoked',
    reason: 'reuse',
    actor: 'system',
    endedAtMs: String(session.nowMs + 100_000),
  });
  t.equal(told(await session.renew(1, 101)), 'refused revoked');
  t.same(await session.stored(), stored, 'a second theft changes nothing');
  const ttlSeconds = await admin.redis.ttl(sessionKey(session.sid));
  t.ok(ttlSeconds > lives.absoluteSeconds, `${ttlSeconds} s: longer than any token lives`);
});

t.test('refusals change nothing', async (t) => {
  const session = await newSession();
  const before = await session.stored();

  await session.renew(9, 100);
  await session.renew(1, 604_801);
  await session.renew(1, 2_592_001);

  t.same(await session.stored(), before);
});

t.test('a script that a retry repeats answers the same pair', async (t) => {
  const session = await newSession();
  await session.renew(1, 100);
  const stored = await session.stored();

  const repeated = await session.renew(1, 100);

  t.equal(told(repeated), 'repeated 2');
  t.same(await session.stored(), stored);
});

t.test('of 50 parallel renewals one rotates', async (t) => {
  const session = await newSession();

  const outcomes = await Promise.all(Array.from({ length: 50 }, () => session.renew(1, 100)));

  const words = outcomes.map(told);
  t.equal(words.filter((word) => word === 'rotated 2').length, 1);
  t.equal(words.filter((word) => word === 'repeated 2').length, 49);
});

t.test('the access life never reaches beyond the absolute life', async (t) => {
  const session = await newSession();
  let last;
  for (let i = 1; i <= 5; i += 1) last = await session.renew(i, i * 518_000);

  t.equal(last?.outcome, 'rotated');
  if (last?.outcome !== 'rotated') return;
  t.ok(last.session.accessUntilMs <= session.absoluteUntilMs);
  t.ok(last.session.idleUntilMs <= session.absoluteUntilMs);
});
