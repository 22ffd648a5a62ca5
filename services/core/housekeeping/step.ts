import type { ChainableCommander } from 'ioredis';
import type { Store } from '../redis/store.ts';
import type { SweepCounts } from './counts.ts';

/** What a step of a sweep works with. */
export interface StepContext {
  store: Store;
  /** The step adds what it did. */
  counts: SweepCounts;
  /** Overrides Redis' clock in tests. */
  nowMs: number | undefined;
}

/** Sends commands in one go; their answers in order. Throws the first error among them. */
export async function ask(store: Store, add: (pipeline: ChainableCommander) => void): Promise<unknown[]> {
  const pipeline = store.redis.pipeline();
  add(pipeline);
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
