import { partitions } from '../../../services/core/ids.ts';
import { eventsKey, expiryKey, sessionIndexKey, sessionKey } from '../../../services/core/redis/keys.ts';
import type { Store } from '../../../services/core/redis/store.ts';
import type { CrowdSession } from './session-crowd.ts';

/** Mean bytes of each key that a session takes a part in, per session. */
export type BytesByKey = Record<'session' | 'index' | 'expiry' | 'event', number>;

const sampled = 1000;

/** used_memory in bytes while nothing is being rewritten: all keys, and Redis' own tables and buffers. */
export async function readUsedMemory({ redis }: Store): Promise<number> {
  for (;;) {
    const info = await redis.info();
    const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
    if (field('aof_rewrite_in_progress') + field('aof_rewrite_scheduled') === 0) return field('used_memory');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Where the memory of these sessions is, by MEMORY USAGE. */
export async function readBytesByKey(
  { redis }: Store,
  sessions: readonly CrowdSession[],
): Promise<BytesByKey> {
  const some = sessions.slice(0, sampled);
  const sizeOf = async (key: string) => Number(await redis.memory('USAGE', key, 'SAMPLES', 0));
  const mean = async (keys: string[], per: number) =>
    Math.round((await Promise.all(keys.map(sizeOf))).reduce((sum, size) => sum + size, 0) / per);
  const events = partitions.map(eventsKey);
  const eventCounts = await Promise.all(events.map((key) => redis.xlen(key)));
  return {
    session: await mean(
      some.map(({ sid }) => sessionKey(sid)),
      some.length,
    ),
    index: await mean(
      some.map(({ uid }) => sessionIndexKey(uid)),
      some.length,
    ),
    expiry: await mean(partitions.map(expiryKey), sessions.length),
    event: await mean(
      events,
      eventCounts.reduce((sum, count) => sum + count, 0),
    ),
  };
}
