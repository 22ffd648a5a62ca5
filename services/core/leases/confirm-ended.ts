import { BednetError } from '../errors.ts';
import { partitionOf, partitionOfDevice } from '../ids.ts';
import { eventsKey, rulesEventsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { awaitHolders } from './await-holders.ts';

/** What a change is about that checks depend on. */
export type Changed = { readonly uid: string } | { readonly deviceId: string } | 'rules';

/**
 * The end of every change that checks depend on: returns once it is durable as configured and no webhook service answers
 * from a memory of before. Throws SYS_NOT_DURABLE if that can't be known; repeating the change settles it.
 */
export async function confirmEnded(store: Store, changed: Changed): Promise<void> {
  const stream = streamOf(changed);
  const server = store.serverOf(stream);
  const awaited = awaitHolders(store, stream).catch((cause: unknown) => {
    throw new BednetError('SYS_NOT_DURABLE', { cause });
  });
  await Promise.all([store.confirmDurable(stream), awaited]);
  // Another server may know nothing of the change, or of the holders (tests/model/fail-over.pml).
  if (server === undefined || store.serverOf(stream) !== server) throw new BednetError('SYS_NOT_DURABLE');
}

function streamOf(changed: Changed): string {
  if (changed === 'rules') return rulesEventsKey;
  return eventsKey('uid' in changed ? partitionOf(changed.uid) : partitionOfDevice(changed.deviceId));
}
