import { readFileSync } from 'node:fs';
import t from 'tap';
import { openCacheStage } from '../support/cache-stage.ts';
import { publish, type RawClient } from '../support/mqtt-outcomes.ts';

const ENTRIES = 1000;
/** What watches for memory faults keeps freed memory. */
const IS_WATCHED = process.env['BEDNET_SANITIZE'] === '1' || process.env['BEDNET_VALGRIND'] === '1';

t.test('more grants than fit push out older ones, and every answer stays right', async (t) => {
  const { broker, file, webhook, countAsked, ...stage } = await openCacheStage(t, {
    plugin: { cache_entries: ENTRIES },
  });
  const client = await stage.signIn();
  await countAsked(() => publishAll(client, 0, ENTRIES));
  const memoryBefore = residentKiB(broker.pid);

  for (let round = 1; round <= 5; round++) {
    const asked = await countAsked(() => publishAll(client, round * ENTRIES, (round + 1) * ENTRIES));
    t.equal(asked, ENTRIES, 'new topics are asked');
  }
  if (!IS_WATCHED) {
    t.ok(residentKiB(broker.pid) - memoryBefore < 2048, 'no grant takes memory of its own');
  }

  const kept = ENTRIES - (await countAsked(() => publishAll(client, 5 * ENTRIES, 6 * ENTRIES)));
  t.ok(kept > ENTRIES / 5 && kept < ENTRIES, `${kept} of the newest ${ENTRIES} were still there`);
  webhook.answerWith(() => 403);
  file.bumpGlobal();
  t.strictSame(await publish(client, 'a/1', 1), ['puback 135']);
  t.equal(await countAsked(() => publishAll(client, 0, 6 * ENTRIES)), 6 * ENTRIES, 'nothing was left over');
});

t.test('what is in use is not pushed out by what is used once', async (t) => {
  const { countAsked, ...stage } = await openCacheStage(t, { plugin: { cache_entries: ENTRIES } });
  const client = await stage.signIn();
  let asked = 0;
  for (let round = 0; round < 20; round++) {
    asked += await countAsked(() => publishAll(client, 0, 50));
    await publishAll(client, (round + 1) * 100, (round + 2) * 100);
  }

  t.ok(asked < 100, `50 topics in use were asked ${asked} times in 20 rounds`);
});

/** Publishes to a topic of its own each number of a range, all under way at once. */
async function publishAll(client: RawClient, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    client.send({ cmd: 'publish', topic: `a/${number}`, payload: 'x', qos: 0, dup: false, retain: false });
  }
  await client.settle();
}

function residentKiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
