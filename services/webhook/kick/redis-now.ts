import type { Store } from '../../core/redis/store.ts';
import { toMs } from '../../core/redis/time.ts';

/** Redis' clock in ms. */
export async function redisNowMs(store: Store): Promise<number> {
  return toMs((await store.redis.time()) as [number, number]);
}
