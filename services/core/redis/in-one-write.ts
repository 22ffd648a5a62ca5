import type { Redis } from 'ioredis';
import type { Store } from './store.ts';

/**
 * Calls `ask`; the commands that it begins before it returns go to Redis in one write, in their order. Redis then takes them
 * in one turn, so that those that write share one flush to disk; and each write costs a system call here and a wake-up there.
 */
export function inOneWrite<T>({ redis }: Pick<Store, 'redis'>, ask: () => T): T {
  const stream = redis.stream as Redis['stream'] | undefined; // None before the first connection, and of a cluster.
  stream?.cork();
  try {
    return ask();
  } finally {
    stream?.uncork();
  }
}
