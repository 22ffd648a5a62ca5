import { readFileSync, rmSync } from 'node:fs';
import t, { type Test } from 'tap';
import { partitionOf } from '../../services/core/ids.ts';
import { eventsKey } from '../../services/core/redis/keys.ts';
import { offsets } from '../../services/webhook/decision-cache/layout.ts';
import { steadyNow } from '../support/counter-file.ts';
import { until } from '../support/until.ts';
import { grantsBy, mayPublish, startDecisionStage, untilRemembered } from '../support/decision-stage.ts';
import { metricOf, untilHolding } from '../support/holder-stage.ts';
import type { RawClient } from '../support/mqtt-outcomes.ts';
import type { SignedIn } from '../support/webhook-service.ts';

const leaseMs = 1000;
const stage = await startDecisionStage(t, { leaseMs });

async function connectWarm(session: SignedIn): Promise<RawClient> {
  await untilHolding(stage);
  const client = await stage.connect(session);
  await warm(client);
  return client;
}

async function warm(client: RawClient): Promise<void> {
  await untilRemembered([stage], async () => {
    if (!(await mayPublish(client, 'room/a'))) throw new Error('not granted');
  });
}

/** Publishes until it is refused; returns when the last one that was granted began, in ms after `sinceMs`. */
async function publishToTheEnd(client: RawClient, sinceMs: number): Promise<number> {
  for (let lastMs = 0; ;) {
    const startMs = performance.now() - sinceMs;
    if (!(await mayPublish(client, 'room/a'))) return lastMs;
    lastMs = startMs;
  }
}

/** How long from now grants may be used, by what the service has written for its brokers; negative if that is over. */
function leftMs(): number {
  const deadlineNs = readFileSync(stage.counterFile).readBigUInt64LE(offsets.steadyDeadlineNs);
  return Number(deadlineNs - steadyNow()) / 1e6;
}

/** For a service that can't write any more. The end by the wall clock, in whole ms, may come a little earlier. */
async function assertEndsWithLease(t: Test, client: RawClient, sinceMs: number): Promise<void> {
  const lastMs = await publishToTheEnd(client, sinceMs);
  t.ok(leftMs() < 20, `refused ${leftMs()} ms before the end`);
  t.ok(lastMs <= leaseMs, `the last grant came ${lastMs} ms later`);
}

t.test(
  'SIGKILL of the webhook service: grants end with its lease, and come back with the next one',
  async (t) => {
    for (let i = 0; i < 2; i += 1) {
      const session = await stage.signIn();
      const client = await connectWarm(session);
      const webhook = stage.stack.part('webhook');

      const killedMs = performance.now();
      const killed = webhook.kill();
      await assertEndsWithLease(t, client, killedMs);

      await killed;
      await webhook.start();
      const again = await connectWarm(session);
      await stage.revoke(session);
      t.equal(await mayPublish(again, 'room/a'), false);
      await again.leave();
    }
  },
);

t.test('SIGKILL: a revocation that returns while the service is dead is kept', async (t) => {
  const session = await stage.signIn();
  const client = await connectWarm(session);
  const webhook = stage.stack.part('webhook');

  await webhook.kill();
  await stage.revoke(session);
  t.equal(await mayPublish(client, 'room/a'), false);
  await webhook.start();
});

t.test(
  'SIGSTOP: grants end with the lease; once the service goes on, nothing stale is granted',
  async (t) => {
    for (let i = 0; i < 2; i += 1) {
      const [alice, ben] = [await stage.signIn(), await stage.signIn()];
      const [other, speaker] = [await connectWarm(ben), await connectWarm(alice)];
      const webhook = stage.stack.part('webhook');

      webhook.pause();
      const pausedMs = performance.now();
      const revoked = stage.revoke(alice).then(leftMs);
      await assertEndsWithLease(t, speaker, pausedMs);
      t.ok((await revoked) < 20, 'the revoker waited until no grant could be used');
      webhook.resume();

      await other.drop();
      await t.rejects(stage.connect(alice), { message: /connack 135/ });
      await (await connectWarm(ben)).leave();
    }
  },
);

t.test('short pauses of the service while sessions are revoked', async (t) => {
  const webhook = stage.stack.part('webhook');
  for (let i = 0; i < 10; i += 1) {
    const session = await stage.signIn();
    const client = await connectWarm(session);
    const revoked = stage.revoke(session);
    webhook.pause();
    await new Promise((resolve) => setTimeout(resolve, i * 20)); // A pause is a time.
    webhook.resume();
    await revoked;
    t.equal(await mayPublish(client, 'room/a'), false, `${i * 20} ms`);
  }
  await untilHolding(stage);
});

t.test('a service that is stopped in order voids what was granted at once', async (t) => {
  const session = await stage.signIn();
  const client = await connectWarm(session);
  const webhook = stage.stack.part('webhook');

  await webhook.stop();
  t.equal(await mayPublish(client, 'room/a'), false);

  await webhook.start();
  const again = await connectWarm(session);
  const countAsked = async () => {
    const before = await grantsBy(stage);
    for (let i = 0; i < 20; i += 1) t.equal(await mayPublish(again, 'room/a'), true);
    return (await grantsBy(stage)) - before;
  };
  await until(async () => (await countAsked()) <= 2, { what: 'the file of the new service is found' });
  await again.leave();
});

t.test('Redis frozen: grants end with the lease, and nobody is let in', async (t) => {
  const session = await stage.signIn();
  const client = await connectWarm(session);
  const redis = stage.stack.part('redis');

  redis.pause();
  const lastMs = await publishToTheEnd(client, performance.now());
  t.ok(lastMs <= leaseMs, `the last grant came ${lastMs} ms later`);
  redis.resume();

  const again = await connectWarm(session);
  t.equal(await mayPublish(again, 'room/a'), true);
  await again.leave();
});

t.test('Redis killed and started again: what was granted before is void', async (t) => {
  const session = await stage.signIn();
  const client = await connectWarm(session);
  const redis = stage.stack.part('redis');
  const before = await metricOf(stage, 'bednet_near_cache_leases_lost_total');

  await redis.kill();
  await until(async () => (await metricOf(stage, 'bednet_near_cache_leases_lost_total')) > before);
  t.equal(await mayPublish(client, 'room/a'), false, 'the truth is not known');
  await redis.start();
  const again = await connectWarm(session);
  await until(() => stage.store.serverOf(eventsKey(partitionOf(session.uid))) !== undefined);
  await stage.revoke(session);
  t.equal(await mayPublish(again, 'room/a'), false);
});

t.test('the counter file removed: the service says so once and the broker asks each time', async (t) => {
  const session = await stage.signIn();
  const client = await connectWarm(session);

  rmSync(stage.counterFile);
  const told = () =>
    readFileSync(stage.stack.part('webhook').logFile, 'utf8').split('counter-file-lost').length - 1;
  await until(() => told() > 0);
  const before = await grantsBy(stage);
  for (let i = 0; i < 5; i += 1) t.equal(await mayPublish(client, 'room/a'), true);
  t.equal((await grantsBy(stage)) - before, 5);
  await stage.revoke(session);
  t.equal(await mayPublish(client, 'room/a'), false);
  t.equal(told(), 1);
});
