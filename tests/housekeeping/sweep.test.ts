import t from 'tap';
import { startHousekeeping, type HousekeepingLog } from '../../services/core/housekeeping/housekeeping.ts';
import { takeLease } from '../../services/core/housekeeping/lease.ts';
import { sweepOnce } from '../../services/core/housekeeping/sweep.ts';
import { newUid } from '../../services/core/ids.ts';
import { accountKey, loginKey, sweepCursorKey, sweepLeaseKey } from '../../services/core/redis/keys.ts';
import { flushAll } from '../support/every-primary.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { needsOneRedis } from '../support/test-redis.ts';
import { until } from '../support/until.ts';
import { open, startSweepStage } from './sweep-stage.ts';

const { stack, url, store, admin, sweep, newAccount } = await startSweepStage(t);
t.beforeEach(() => flushAll(admin));

t.test('one instance sweeps at a time', async (t) => {
  const lease = await takeLease(store, sweepLeaseKey, 60_000);

  const beside = await sweepOnce(store);
  await lease?.release();
  const afterwards = await sweepOnce(store);

  t.same(beside, { outcome: 'busy' });
  t.match(afterwards, { outcome: 'swept', isWalkDone: true });
  t.equal(await admin.redis.exists(sweepLeaseKey), 0, 'the sweep has given the lease back');
});

t.test('a lease that ran out is neither renewed nor taken from its new holder', async (t) => {
  const late = await takeLease(store, sweepLeaseKey, 60_000);
  await admin.redis.del(sweepLeaseKey);
  const current = await takeLease(store, sweepLeaseKey, 60_000);
  await admin.redis.pexpire(sweepLeaseKey, 30_000);

  t.equal(await late?.renew(), false);
  await late?.release();
  t.equal(await admin.redis.exists(sweepLeaseKey), 1);
  t.equal(await current?.renew(), true);
  t.ok((await admin.redis.pttl(sweepLeaseKey)) > 50_000, 'it lives longer now');
});

t.test('a sweep does a little, and the next one goes on there, whichever instance makes it', async (t) => {
  const accounts = await Promise.all(Array.from({ length: 300 }, () => newAccount()));
  for (const { uid } of accounts)
    await admin.redis.hset(accountKey(uid), { state: 'deleted', purgeAtMs: '1' });
  const instances = [store, await open(t, url)];

  const purged: number[] = [];
  for (let turn = 0, isDone = false; !isDone; turn += 1) {
    const result = await sweepOnce(instances[turn % 2] ?? store, { budgetMs: 0, keysPerStep: 50 });
    if (result.outcome === 'busy') throw new Error('nobody else sweeps');
    purged.push(result.counts.accountsPurged);
    isDone = result.isWalkDone;
  }

  t.ok(Math.max(...purged) < 100, `at most ${Math.max(...purged)} in one step`);
  t.ok(purged.length >= 10, `${purged.length} sweeps`);
  t.equal(
    purged.reduce((sum, count) => sum + count, 0),
    300,
  );
});

t.test('a second sweep finds nothing to do', async (t) => {
  await admin.redis.set(loginKey('orphan'), newUid());
  const { uid } = await newAccount();
  await admin.redis.hset(accountKey(uid), { state: 'deleted', purgeAtMs: '1' });
  await newAccount();

  const first = await sweep();
  const { keysSeen, ...second } = await sweep();

  t.match(first, { accountsPurged: 1, claimsDoubted: 1 });
  t.ok(keysSeen > 0);
  t.same(new Set(Object.values(second)), new Set([0]));
});

t.test('housekeeping sweeps again and again, tells what it did, and ends when told', async (t) => {
  const { log, told } = openLog();
  const { uid } = await newAccount(); // Before: the names of one that is being created may need a sweep's help.
  const housekeeping = startHousekeeping(store, { log, everyMs: 20 });
  await until(async () => (await admin.redis.exists(sweepCursorKey)) === 1, { what: 'a first sweep' });
  await admin.redis.hset(accountKey(uid), { state: 'deleted', purgeAtMs: '1' });

  await until(async () => (await admin.redis.exists(accountKey(uid))) === 0);
  await until(() => told.length > 0);
  await housekeeping.close();
  await admin.redis.del(sweepCursorKey);

  t.match(told[0], { level: 'info', event: 'housekeeping', accountsPurged: 1 });
  t.equal(await admin.redis.exists(sweepLeaseKey, sweepCursorKey), 0, 'it has stopped');
});

t.test('housekeeping outlives an outage of Redis and complains once', needsOneRedis, async (t) => {
  const link = await openRedisLink(t, stack.ports.redis);
  const address = url.replace(`:${stack.ports.redis}`, `:${link.port}`);
  const { log, told } = openLog();
  const housekeeping = startHousekeeping(await open(t, address), { log, everyMs: 10 });
  link.hold();
  link.cut();

  await until(() => told.length > 0);
  link.release();
  link.cut();
  await admin.redis.del(sweepCursorKey);
  await until(async () => (await admin.redis.exists(sweepCursorKey)) === 1);
  await housekeeping.close();

  t.match(told, [{ level: 'warn', event: 'housekeeping-failed', err: Error }]);
});

interface Told {
  level: string;
  event?: string;
}

function openLog(): { log: HousekeepingLog; told: Told[] } {
  const told: Told[] = [];
  const at = (level: string) => (fact: object) => void told.push({ level, ...fact });
  return { told, log: { info: at('info'), warn: at('warn') } };
}
