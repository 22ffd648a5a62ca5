import type { Test } from 'tap';
import { holdersKey } from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import type { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** A webhook service that loses its lease and takes another one. */
export async function useNearCache(t: Test, stack: TestStack): Promise<void> {
  const { redis } = await openTestStore(t, stack.redisAdminUrl);
  const before = await redis.hkeys(holdersKey);
  await redis.client('KILL', 'USER', 'webhook');
  await until(async () => {
    const holders = await redis.hkeys(holdersKey);
    return holders.length > 0 && holders.every((id) => !before.includes(id));
  });
}
