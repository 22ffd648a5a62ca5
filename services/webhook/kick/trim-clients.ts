import type { Store } from '../../core/redis/store.ts';

/** Client ids remembered for a session or device. Older ones are denied like all others when it ends, but not kicked. */
const mostClients = 64;

/** Forgets the longest unseen client ids under a key with too many. Never awaited: a CONNECT must not wait for it. */
export function trimClients(store: Store, key: string, clients: number): void {
  if (clients <= mostClients) return;
  forgetOldest(store, key).catch(() => {
    // The next CONNECT tries again.
  });
}

async function forgetOldest(store: Store, key: string): Promise<void> {
  const entries = Object.entries(await store.redis.hgetall(key));
  const oldestFirst = entries.sort(([, a], [, b]) => seenMs(a) - seenMs(b));
  const surplus = oldestFirst.slice(0, -mostClients).map(([clientId]) => clientId);
  if (surplus.length > 0) await store.redis.hdel(key, ...surplus);
}

/** The time comes first; what is noted of a device's client has its epoch behind it. */
function seenMs(entry: string): number {
  return Number.parseInt(entry, 10);
}
