import type { Store } from '../../services/core/redis/store.ts';

/*
 * Commands that are about one server, for all of a cluster's primaries: the client would ask any one of them.
 */

/** The names of all keys that fit a pattern. */
export async function keysOf(store: Store, pattern: string): Promise<string[]> {
  return (await Promise.all(store.primaries().map((primary) => primary.keys(pattern)))).flat();
}

/** Removes everything. */
export async function flushAll(store: Store): Promise<void> {
  await Promise.all(store.primaries().map((primary) => primary.flushall()));
}

/** Sets a parameter until the servers end. */
export async function configure(store: Store, name: string, value: string): Promise<void> {
  await Promise.all(store.primaries().map((primary) => primary.config('SET', name, value)));
}
