import { clientsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';

/** Client ids remembered for a session. Older ones are denied like all others when it ends, but not kicked. */
const mostClients = 64;

/** Forgets the longest unseen client ids of a session that has too many. Never awaited: a CONNECT must not wait for it. */
export function trimClients(store: Store, sid: string, clients: number): void {
  if (clients <= mostClients) return;
  forgetOldest(store, clientsKey(sid)).catch(() => {
    // The next CONNECT of this session tries again.
  });
}

async function forgetOldest(store: Store, key: string): Promise<void> {
  const entries = Object.entries(await store.redis.hgetall(key));
  const oldestFirst = entries.sort(([, a], [, b]) => Number(a) - Number(b));
  const surplus = oldestFirst.slice(0, -mostClients).map(([clientId]) => clientId);
  if (surplus.length > 0) await store.redis.hdel(key, ...surplus);
}
