import type { CheckedOwner } from '../../core/check/decide-acl-check.ts';
import type { StreamEvent } from './follow-events.ts';

/** Whose clients have to go, and since when by Redis' clock. */
export interface EndedOwner {
  readonly owner: CheckedOwner;
  readonly sinceMs: number;
}

/** Whose clients have to go after an event; undefined for events that end nothing. */
export function findEndedOwner(event: StreamEvent): EndedOwner | undefined {
  const sinceMs = Number(event.get('atMs'));
  const sid = event.get('sid');
  const deviceId = event.get('device');
  switch (event.get('type')) {
    case 'session-revoked':
      return sid ? { owner: { sid }, sinceMs } : undefined;
    case 'device-key-rotated':
      // While two keys work, nobody knows yet which connections to keep.
      if (event.get('overlapSeconds') !== '0') return undefined;
      return deviceId ? { owner: { deviceId }, sinceMs } : undefined;
    case 'device-disabled':
    case 'device-deleted':
      return deviceId ? { owner: { deviceId }, sinceMs } : undefined;
    default:
      return undefined;
  }
}
