import type { Store } from '../redis/store.ts';
import type { ClockReading, LeaseClock } from './lease-clock.ts';
import type { StreamEvent } from './read-streams.ts';

/** The right to answer from memory, as long as it is valid. */
export interface Lease extends Pick<LeaseClock, 'isValid' | 'redisNowMs'> {
  /** Gives the lease back; nothing is answered from memory any more. */
  stop(): Promise<void>;
}

/** How a lease is held. */
export interface LeaseSettings {
  readonly redisUrl: string;
  readonly leaseMs: number;
  /** Replicas that must know of the lease whenever it begins or goes on: all that may be promoted. 0 = there are none. */
  readonly replicasRequired?: number | undefined;
  /** What the memory is filled from: while it leads to another server than the lease, the lease is not valid. */
  readonly filledFrom: Pick<Store, 'serverOf'>;
}

/** What a lease is held for. */
export interface LeaseUse {
  /** The streams to follow, by their keys. */
  readonly streams: readonly string[];
  /** Drops what the events are about, and voids reads under way. It is done when this returns. */
  onEvents(stream: string, events: readonly StreamEvent[]): void;
  /** Drops all that a stream may be about: events of it are missing. */
  onDoubt(stream: string): void;
  /** The lease is valid for its length from `sent` on; `redisMs` is Redis' time after that. An error that it throws ends it. */
  onProlonged(sent: ClockReading, redisMs: number): void;
  /** Drops everything: the lease was lost. False if somebody may go on until its end, so that revokers have to wait. */
  onLost(): boolean;
  /** Told of each error, for the log. */
  onError(error: Error): void;
}
