import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BednetError } from '../errors.ts';
import { partitions } from '../ids.ts';
import { hasLastingPrimary, primariesOf, primaryOf } from './cluster.ts';
import { connectRedis } from './connect-redis.ts';
import { barrierKey } from './keys.ts';
import { learnServerOf, learnServers } from './server-identity.ts';

/** Makes sure that replicas have what was written. */
export interface Barrier {
  /**
   * Returns once the replicas asked for have what was written before; else throws SYS_NOT_DURABLE (Redis docs, WAIT). In a
   * cluster it is about the primary that has `key`, or about all of them.
   */
  confirm(key?: string): Promise<void>;
  close(): void;
}

const waitMs = 1000;
const commandTimeoutMs = 2000;
const barrierSeconds = 60;

/**
 * WAIT holds up its connection, so it has one of its own. Replicas take writes in their order: the one that has the barrier
 * has all that was written before it, by whichever connection. But the barrier has to go to the very server that took the
 * write: one that was promoted meanwhile may not have got it.
 */
export function openBarrier(redis: Redis, url: string, replicasRequired: number): Barrier {
  if (replicasRequired === 0) return { confirm: () => Promise.resolve(), close: () => {} };
  const own = connectRedis({ url, commandTimeoutMs });
  own.on('error', () => {}); // The main connection tells of the same trouble.
  learnServers(own);

  async function confirmAt(key: string): Promise<void> {
    const server = learnServerOf(redis, key); // At once: that of the write.
    const [written, barred] = await Promise.all([server, untilConnected(own, key)]);
    if (written !== barred) throw new Error('another server is the primary by now');
    const primary = primaryOf(own, key);
    if (primary === undefined) throw new Error('the primary is not known');
    const set = primary.set(key, '1', 'EX', barrierSeconds);
    const [, confirmed] = await Promise.all([set, primary.wait(replicasRequired, waitMs)]);
    if (confirmed < replicasRequired) throw new Error(`${confirmed} of ${replicasRequired} replicas have it`);
  }

  return {
    async confirm(key) {
      if (!hasLastingPrimary(redis, key)) throw new BednetError('SYS_NOT_DURABLE');
      const confirmed = Promise.all(barrierKeysFor(redis, key).map(confirmAt));
      await confirmed.catch((cause: unknown) => {
        throw new BednetError('SYS_NOT_DURABLE', { cause });
      });
    },
    close: () => own.disconnect(),
  };
}

/** A barrier for the primary of a key, or for each primary. */
function barrierKeysFor(redis: Redis, key: string | undefined): string[] {
  const primaries = key === undefined ? primariesOf(redis) : [primaryOf(redis, key)];
  const keys = partitions.map(barrierKey);
  return primaries.map((primary) => {
    const found = keys.find((each) => primaryOf(redis, each) === primary);
    if (found === undefined) throw new BednetError('SYS_NOT_DURABLE');
    return found;
  });
}

async function untilConnected(redis: Redis, key: string): Promise<string> {
  const deadlineMs = performance.now() + waitMs;
  for (;;) {
    const primary = primaryOf(redis, key);
    // A node of a cluster is connected to when it is first needed.
    if (primary?.status === 'wait') await primary.ping();
    if (primary?.status === 'ready' || performance.now() > deadlineMs) return learnServerOf(redis, key);
    await delay(5);
  }
}
