import { partitionOf, partitions } from '../ids.ts';
import { accountIndexKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/**
 * The uids of all accounts behind `after` ('' = from the start), in lots of `lotSize` at most. The order is that of the
 * uids, so it never changes: an account that is there all the time comes exactly once, whatever is created or deleted
 * meanwhile. A uid may be that of an account that has just been deleted.
 */
export async function* walkAccounts(store: Store, after: string, lotSize: number): AsyncGenerator<string[]> {
  const start = Math.max(0, partitions.indexOf(partitionOf(after)));
  for (const partition of partitions.slice(start)) {
    let last = partition === partitionOf(after) ? after : '';
    for (;;) {
      const from = last === '' ? '-' : `(${last}`;
      const uids = await store.redis.zrange(
        accountIndexKey(partition),
        from,
        '+',
        'BYLEX',
        'LIMIT',
        0,
        lotSize,
      );
      if (uids.length > 0) yield uids;
      if (uids.length < lotSize) break;
      last = uids.at(-1) ?? '';
    }
  }
}
