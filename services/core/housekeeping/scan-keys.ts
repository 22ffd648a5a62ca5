import type { Store } from '../redis/store.ts';

/** Where a walk over all keys begins. */
export const walkStart = '0';

/**
 * Some keys, about `count`, and where the walk goes on: a cursor of SCAN, in a cluster with the number of the primary before
 * it, as each knows its own keys only. It is `walkStart` again when all have been seen.
 */
export async function scanKeys(
  store: Store,
  place: string,
  count: number,
): Promise<{ keys: string[]; next: string }> {
  const [, number = '0', cursor = walkStart] = /^(?:([0-9]+):)?([0-9]+)$/.exec(place) ?? [];
  const primaries = store.primaries();
  const primary = primaries[Number(number)];
  if (primary === undefined) return { keys: [], next: walkStart }; // There are fewer of them by now.
  const [next, keys] = await primary.scan(cursor, 'MATCH', 'bn:*', 'COUNT', count);
  return { keys, next: nextPlace({ number: Number(number), cursor: next, last: primaries.length - 1 }) };
}

function nextPlace({ number, cursor, last }: { number: number; cursor: string; last: number }): string {
  if (cursor !== walkStart) return number === 0 ? cursor : `${number}:${cursor}`;
  return number === last ? walkStart : `${number + 1}:${walkStart}`;
}
