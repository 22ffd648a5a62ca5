import { partitions } from '../../core/ids.ts';
import { expiryKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';
import { replayMs } from './follow-events.ts';
import { redisNowMs } from './redis-now.ts';

/** A session whose newest access token ran out at `sinceMs`. */
export interface LapsedSession {
  sid: string;
  sinceMs: number;
}

/**
 * Makes a function that hands over the sessions that lapsed since its last successful call, by Redis' clock; the first
 * call looks an hour back. A renewal moves a session's score on, so that it isn't found.
 */
export function createLapseSweep(
  store: Store,
  onLapsed: (session: LapsedSession) => Promise<void>,
): () => Promise<void> {
  let sweptUntilMs: number | undefined;
  return async () => {
    const nowMs = await redisNowMs(store);
    for (const session of await findLapsed(store, sweptUntilMs ?? nowMs - replayMs, nowMs))
      await onLapsed(session);
    sweptUntilMs = nowMs;
  };
}

async function findLapsed(store: Store, fromMs: number, untilMs: number): Promise<LapsedSession[]> {
  const pipeline = store.redis.pipeline();
  for (const partition of partitions) {
    pipeline.zrange(expiryKey(partition), `(${fromMs}`, String(untilMs), 'BYSCORE', 'WITHSCORES');
  }
  const answers = (await pipeline.exec()) ?? [];
  return answers.flatMap(([error, members]) => {
    if (error) throw error;
    return toLapsed(members as string[]);
  });
}

function toLapsed(members: string[]): LapsedSession[] {
  const lapsed: LapsedSession[] = [];
  for (let i = 0; i + 1 < members.length; i += 2) {
    lapsed.push({ sid: members[i] as string, sinceMs: Number(members[i + 1]) });
  }
  return lapsed;
}
