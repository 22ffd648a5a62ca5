import { rulesEventsKey } from '../../core/redis/keys.ts';
import type { StreamEvent } from '../../core/leases/read-streams.ts';
import type { Memory } from './near-facts.ts';

/**
 * Drops what events are about and voids the reads of it that are under way; with 'all', whatever the stream may be about.
 * An event names a session by `sid`, a device by `device`, all that an account has by `uid` alone; one that names nothing
 * counts for its whole partition. So a new kind of event needs nothing here.
 */
export function dropByEvents(memory: Memory, stream: string, events: readonly StreamEvent[] | 'all'): void {
  if (stream === rulesEventsKey) return dropRules(memory);
  const partition = partitionOfStream(stream);
  if (events === 'all') return dropPartition(memory, partition);
  for (const event of events) dropByEvent(memory, partition, event);
}

/** How sessions and the client ids of devices are filed: no sid begins with `d:`. */
export const deviceName = (id: string): string => `d:${id}`;

function dropByEvent({ entries, fills, ...memory }: Memory, partition: string, event: StreamEvent): void {
  const sid = event.get('sid');
  if (sid !== undefined) {
    entries.drop(sid);
    return fills.voidKey(sid);
  }
  const deviceId = event.get('device');
  const owner = deviceId === undefined ? event.get('uid') : deviceName(deviceId);
  if (owner === undefined) return dropPartition({ entries, fills, ...memory }, partition);
  entries.dropOwner(partition, owner);
  fills.voidPartition(partition); // Nobody knows yet whose they are.
}

/** Each read tells the version of the rules too. */
function dropRules({ fills, rulesVersion }: Memory): void {
  rulesVersion.forget();
  fills.voidAll();
}

function dropPartition({ entries, fills }: Memory, partition: string): void {
  entries.dropPartition(partition);
  fills.voidPartition(partition);
}

/** The partition in the key of its stream, `bn:{p}:events`. */
function partitionOfStream(stream: string): string {
  return stream.charAt('bn:{'.length);
}
