import t from 'tap';
import { awaitHolders } from '../../services/core/leases/await-holders.ts';
import { partitionOf } from '../../services/core/ids.ts';
import {
  accountKey,
  eventsKey,
  expiryKey,
  holdersKey,
  sessionIndexKey,
  sessionKey,
} from '../../services/core/redis/keys.ts';
import { startHolder, startHolders, untilHolding, writeCheck } from '../support/holder-stage.ts';
import { openRedisGate } from '../support/redis-gate.ts';
import { until } from '../support/until.ts';
import type { SignedIn } from '../support/webhook-service.ts';

const stage = await startHolders(t, 0);
const { store } = stage;
const gate = await openRedisGate(t, stage.stack.ports.redis);
const gatedUrl = stage.stack.redisUrl('webhook').replace(`:${stage.stack.ports.redis}`, `:${gate.port}`);
/** Longer than a busy machine takes from one line to the next. */
const leaseMs = 5000;
const holder = await startHolder(t, stage, { REDIS_URL: gatedUrl, LEASE_MS: `${leaseMs}` });

async function isGranted(session: SignedIn): Promise<boolean> {
  return (await holder.askAcl(writeCheck(session))).status === 200;
}

/** A session that the holder has in memory. */
async function signInWarm(): Promise<SignedIn> {
  const session = await stage.signIn();
  await untilHolding(holder);
  await until(() => isGranted(session));
  return session;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** The planted bug: what a revoker does, without the wait for holders. */
async function revokeWithoutWaiting({ uid, sid }: SignedIn): Promise<void> {
  const partition = partitionOf(uid);
  await store.run(
    'sessions-revoke',
    [accountKey(uid), sessionIndexKey(uid), expiryKey(partition), eventsKey(partition), sessionKey(sid)],
    ['listed', '', 'test', 'operator', '', sid],
  );
}

t.test('a holder that does not hear of events is waited for until its lease is over', async (t) => {
  const session = await signInWarm();

  const [name] = await store.redis.hkeys(holdersKey);
  gate.hold('xread');
  const tookMs = await timed(() => stage.revoke(session));
  const granted = await isGranted(session);
  gate.open();

  t.equal(granted, false);
  t.ok(tookMs >= leaseMs / 4, `${tookMs} ms: the lease counts from before the revocation`);
  t.equal(await store.redis.hexists(holdersKey, String(name)), 0, 'nobody waits for it again');
});

t.test('planted bug: without that wait the same race grants', async (t) => {
  const session = await signInWarm();

  gate.hold('xread');
  await revokeWithoutWaiting(session);
  const granted = await isGranted(session);
  gate.open();

  t.equal(granted, true);
});

t.test('a read that was under way during a revocation is not kept', async (t) => {
  const session = await signInWarm();
  await holder.store.redis.ping();
  const other = await stage.signInAgain(session);
  await untilHolding(holder);

  gate.hold(other.sid);
  const early = isGranted(other);
  await until(() => gate.held() === 1);
  await stage.revoke(other);
  const late = isGranted(other);
  gate.open();

  t.type(await early, 'boolean', 'it began before: either answer is right');
  t.equal(await late, false, 'one that began afterwards does not wait for the old read');
  t.equal(await isGranted(other), false, 'nor does anybody find it later');
});

t.test('a repeat of a revocation waits too: the one before it may not have come to its end', async (t) => {
  const session = await signInWarm();
  await revokeWithoutWaiting(session);

  await stage.revoke(session);

  t.equal(await isGranted(session), false);
});

t.test('events that were trimmed away before a holder has read them', async (t) => {
  const trimmed = async (session: SignedIn, ...more: SignedIn[]) => {
    const events = eventsKey(partitionOf(session.uid));
    const tell = ({ sid }: SignedIn) => ['type', 'session-revoked', 'sid', sid];
    const all = store.redis.multi().hset(sessionKey(session.sid), 'state', 'revoked');
    all.xadd(events, '*', ...tell(session)).xtrim(events, 'MAXLEN', 0);
    for (const other of more) all.xadd(events, '*', ...tell(other));
    await all.exec();
    await awaitHolders(store, events);
  };

  const alice = await signInWarm();
  const [name] = await store.redis.hkeys(holdersKey);
  await trimmed(alice);
  t.equal(await store.redis.hexists(holdersKey, String(name)), 0, 'who does not acknowledge is evicted');
  t.equal(await isGranted(alice), false);

  const ben = await signInWarm();
  const sibling = await stage.signInAgain(ben);
  await until(() => isGranted(ben));
  await trimmed(ben, sibling);
  t.equal(await isGranted(ben), false, 'a later event shows that there is a gap');
});

t.test('two revokers at once: one that finds a holder being evicted waits as well', async (t) => {
  const alice = await signInWarm();
  const ben = await signInWarm();

  gate.hold('xread');
  const first = stage.revoke(alice);
  await until(async () =>
    Object.values(await store.redis.hgetall(holdersKey)).some((r) => r.startsWith('evicted')),
  );
  await stage.revoke(ben);
  const granted = await isGranted(ben);
  await first;
  gate.open();

  t.equal(granted, false);
});
