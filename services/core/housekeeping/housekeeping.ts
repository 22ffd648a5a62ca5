import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../redis/store.ts';
import type { SweepCounts } from './counts.ts';
import { sweepOnce } from './sweep.ts';

/** Where housekeeping tells what it did: pino's shape. */
export interface HousekeepingLog {
  info(fact: object, message: string): void;
  warn(fact: object, message: string): void;
}

/** How housekeeping goes about it. */
export interface HousekeepingOptions {
  log: HousekeepingLog;
  /** The pause between two sweeps. */
  everyMs: number;
  /** Told of each sweep of this instance, also of one that found nothing to do. */
  onSwept?: (counts: SweepCounts, isWalkDone: boolean) => void;
}

/** Housekeeping under way. */
export interface Housekeeping {
  /** Ends after the step that is under way. */
  close(): Promise<void>;
}

/**
 * Sweeps a little every `everyMs` until it is closed, the first time within that time, so that instances that start
 * together take turns. Nothing waits for it, and it keeps no process alive.
 */
export function startHousekeeping(
  store: Store,
  { log, everyMs, onSwept = () => undefined }: HousekeepingOptions,
): Housekeeping {
  const ending = new AbortController();
  let isFailing = false;

  async function sweep(): Promise<void> {
    try {
      const result = await sweepOnce(store, { isStopped: () => ending.signal.aborted });
      isFailing = false;
      if (result.outcome === 'busy') return;
      onSwept(result.counts, result.isWalkDone);
      report(log, result.counts);
    } catch (err) {
      if (!isFailing)
        log.warn({ event: 'housekeeping-failed', err }, 'housekeeping failed; trying again later');
      isFailing = true;
    }
  }

  async function repeat(): Promise<void> {
    const pause = (ms: number) =>
      delay(ms, undefined, { ref: false, signal: ending.signal }).catch(() => undefined);
    await pause(Math.random() * everyMs);
    while (!ending.signal.aborted) {
      await sweep();
      await pause(everyMs);
    }
  }

  const ended = repeat();
  return {
    async close() {
      ending.abort();
      await ended;
    },
  };
}

function report(log: HousekeepingLog, { keysSeen, ...done }: SweepCounts): void {
  const changes = Object.fromEntries(Object.entries(done).filter(([, count]) => count > 0));
  const { namesInConflict = 0, ...changed } = changes;
  if (Object.keys(changed).length > 0)
    log.info({ event: 'housekeeping', keysSeen, ...changed }, 'housekeeping cleared up');
  if (namesInConflict > 0) {
    const message = 'accounts lack a name that another account holds: an operator has to look';
    log.warn({ event: 'names-in-conflict', namesInConflict }, message);
  }
}
