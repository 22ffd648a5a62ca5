import t from 'tap';
import { untilReady } from '../../services/core/redis/store.ts';
import { holdersKey } from '../../services/core/redis/keys.ts';
import { metricOf, startHolder, startHolders, untilHolding, writeCheck } from '../support/holder-stage.ts';
import { until } from '../support/until.ts';
import type { SignedIn, WebhookStage } from '../support/webhook-service.ts';

const stage = await startHolders(t, 2);
const { store } = stage;
const [first, second] = stage.holders as [WebhookStage, WebhookStage];
const leaseMs = 1000;

async function statusAt(holder: WebhookStage, session: SignedIn): Promise<number> {
  return (await holder.askAcl(writeCheck(session))).status;
}

async function signInWarm(): Promise<SignedIn> {
  const session = await stage.signIn();
  for (const holder of [first, second]) {
    await untilHolding(holder);
    await until(async () => (await statusAt(holder, session)) === 200);
  }
  return session;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

t.test(
  'SIGSTOP: the revoker waits for the lease, and once it goes on the service grants nothing stale',
  async (t) => {
    for (let i = 0; i < 3; i += 1) {
      const session = await signInWarm();
      const paused = first.stack.part('webhook');

      paused.pause();
      const tookMs = await timed(() => stage.revoke(session));
      const during = statusAt(first, session);
      t.equal(await statusAt(second, session), 403, 'the other one knows');
      paused.resume();

      t.not(await during, 200, 'asked while it was paused');
      t.not(await statusAt(first, session), 200, 'asked at once when it went on');
      t.ok(tookMs >= leaseMs / 2, `${tookMs} ms: the lease counts from before the revocation`);
    }
    t.ok((await metricOf(first, 'bednet_near_cache_leases_lost_total')) >= 3);
  },
);

t.test('SIGKILL: one revocation waits for the lease of the dead, the next one does not', async (t) => {
  const third = await startHolder(t, stage);
  const [alice, ben] = [await signInWarm(), await signInWarm()];
  await statusAt(third, alice);

  await third.stack.part('webhook').kill();
  t.ok((await timed(() => stage.revoke(alice))) >= leaseMs);
  await until(async () => (await store.redis.hlen(holdersKey)) === 2, { what: 'nobody waits for it again' });
  await stage.revoke(ben);

  for (const holder of [first, second]) {
    t.equal(await statusAt(holder, alice), 403);
    t.equal(await statusAt(holder, ben), 403);
  }
});

t.test('a service that is stopped in order gives its lease back', async (t) => {
  const third = await startHolder(t, stage);
  const holdersAre = (count: number) => async () => (await store.redis.hlen(holdersKey)) === count;
  await until(holdersAre(3));
  await third.stack.stop();

  await until(holdersAre(2), { what: 'its name is off the list' });
});

t.test('CLIENT KILL and SCRIPT FLUSH at any moment', async (t) => {
  for (let i = 0; i < 30; i += 1) {
    const session = await stage.signIn();
    await Promise.all([statusAt(first, session), statusAt(second, session)]);
    const cut = store.redis.client('KILL', 'USER', 'webhook');
    if (i % 2 === 0) await store.redis.script('FLUSH');
    await stage.revoke(session);
    for (const holder of [first, second]) t.not(await statusAt(holder, session), 200);
    await cut;
  }
  await signInWarm();
});

t.test('Redis killed and started again from its append-only file', async (t) => {
  const redis = stage.stack.part('redis');
  for (let i = 0; i < 3; i += 1) {
    const session = await signInWarm();
    await redis.kill();
    await redis.start();
    await untilReady(store, 30_000);
    await stage.revoke(session);
    for (const holder of [first, second]) t.not(await statusAt(holder, session), 200);
  }
  await signInWarm();
});

t.test('Redis frozen: nobody is granted once the lease is over', async (t) => {
  const session = await signInWarm();
  const redis = stage.stack.part('redis');

  redis.pause();
  const pausedAtMs = performance.now();
  let grantedAtMs = pausedAtMs;
  await until(async () => {
    const askedAtMs = performance.now();
    const status = await statusAt(first, session);
    if (status === 200) grantedAtMs = askedAtMs;
    return status === 503;
  });
  t.ok(grantedAtMs - pausedAtMs < leaseMs, `${grantedAtMs - pausedAtMs} ms: asked within the lease`);
  t.equal(await statusAt(first, session), 503, 'the truth is not known');
  redis.resume();
  await untilHolding(first);
});
