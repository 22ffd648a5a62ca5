import t from 'tap';
import type { FastifyBaseLogger } from 'fastify';
import type { Store } from '../../services/core/redis/store.ts';
import type { Kick } from '../../services/webhook/kick/kick-client.ts';
import { createKickQueue } from '../../services/webhook/kick/kick-queue.ts';
import { createMetrics } from '../../services/webhook/metrics.ts';
import { until } from '../support/until.ts';

const kick: Kick = { owner: { sid: 'A'.repeat(22) }, clientId: 'A'.repeat(22), sinceMs: 0, brokerUrls: [] };
const log = { info: () => undefined } as unknown as FastifyBaseLogger;

/** A queue whose kicks reach no broker and wait in their first command until they are let go. */
function openQueue() {
  const begun: (() => void)[] = [];
  let done = 0;
  const redis = {
    status: 'ready',
    hgetall: () => new Promise((resolve) => begun.push(() => resolve({}))),
    hget: () => Promise.resolve('another'),
    time: () => Promise.resolve([String(++done), '0']),
  };
  const queue = createKickQueue({ redis } as unknown as Store, { metrics: createMetrics(), log });
  return { queue, begun, done: () => done };
}

t.test('a client that has to be kicked again while its kick is under way is kicked once more', async (t) => {
  const { queue, begun, done } = openQueue();

  for (let i = 0; i < 5; i += 1) queue.add(kick);
  t.equal(begun.length, 1, 'one at a time');
  begun[0]?.();
  await until(() => begun.length === 2);
  begun[1]?.();

  await until(() => done() === 2);
  t.equal(begun.length, 2, 'and no more than that');
  queue.add(kick);
  t.equal(begun.length, 3, 'nothing is left of it');
});

t.test('a queue that was stopped begins nothing', async (t) => {
  const { queue, begun } = openQueue();
  queue.stop();
  queue.add(kick);
  t.equal(begun.length, 0);
});
