import {
  connectionField,
  isClientField,
  isConnectionField,
  type Connection,
} from '../../core/connections/connection.ts';
import type { Store } from '../../core/redis/store.ts';

/**
 * Client ids remembered for a session or device, and as many connections. Older ones are denied like all others when it
 * ends, but not kicked.
 */
const mostClients = 64;

/**
 * Forgets the longest unseen client ids and connections under a key with too many fields. Never awaited: a CONNECT must not
 * wait for it.
 */
export function trimClients(store: Store, key: string, fields: number): void {
  if (fields <= mostClients) return;
  forgetOldest(store, key).catch(() => {
    // The next CONNECT tries again.
  });
}

/** Forgets a connection that was noted before it was denied. Never awaited either. */
export function forgetConnection(
  store: Store,
  key: string,
  { clientId, connection }: { clientId: string; connection?: Connection | undefined },
): void {
  if (connection === undefined) return;
  store.redis.hdel(key, connectionField(clientId, connection)).catch(() => {
    // It counts as open until its broker stops, or its session or device ends.
  });
}

async function forgetOldest(store: Store, key: string): Promise<void> {
  const entries = Object.entries(await store.redis.hgetall(key));
  const surplus = [
    ...surplusOf(entries.filter(([field]) => isClientField(field))),
    ...surplusOf(entries.filter(([field]) => isConnectionField(field))),
  ];
  if (surplus.length > 0) await store.redis.hdel(key, ...surplus);
}

function surplusOf(entries: [field: string, value: string][]): string[] {
  const oldestFirst = entries.sort(([, a], [, b]) => seenMs(a) - seenMs(b));
  return oldestFirst.slice(0, -mostClients).map(([field]) => field);
}

/** The time comes first in each value. */
function seenMs(entry: string): number {
  return Number.parseInt(entry, 10);
}
