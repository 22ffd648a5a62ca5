import { setTimeout as delay } from 'node:timers/promises';
import { inOneWrite } from '../redis/in-one-write.ts';
import type { Store } from '../redis/store.ts';
import {
  evictHolders,
  forgetHolders,
  isAcked,
  readAcks,
  readHolders,
  readLastId,
  type Holder,
  type StreamId,
} from './holders.ts';

/** How a revoker fared with the holders that there were. */
export interface HolderWait {
  readonly waitedMs: number;
  readonly evicted: number;
}

/** A holder that works acknowledges within a few ms; it loses its memory if it takes longer than this. */
const patienceMs = 250;

/** Clocks of two machines run at the same pace within 5 %, by far: NTP allows 0.05 %. */
const slowestPace = 1.05;
const marginMs = 10;

/** A holder hears of an event at once, and needs two round trips to acknowledge it: each look follows the one before. */
const eagerMs = 4;
/** One that is busy has pauses, and longer ones later. */
const promptMs = 20;
const shortestPauseMs = 1;
const longestPauseMs = 10;

const listeners = new WeakMap<Store, (wait: HolderWait) => void>();

/** Tells `listener` how each wait of a store's revokers went. */
export function watchHolderWaits(store: Store, listener: (wait: HolderWait) => void): void {
  listeners.set(store, listener);
}

/**
 * Returns once no webhook service grants from memory what was revoked before: each one that could has acknowledged all
 * events of `stream` up to now, or its lease has run out. To be called after the script that wrote them; also by a repeat
 * that found nothing left to do, as the one before it may not have waited to the end. Throws what Redis answers.
 */
export async function awaitHolders(store: Store, stream: string): Promise<void> {
  const startMs = performance.now();
  // Who joins in between begins with an empty memory after the event: it need not be on the list.
  const [holders, lastId] = await inOneWrite(store, () =>
    Promise.all([readHolders(store), readLastId(store, stream)]),
  );
  if (holders.length === 0) return;
  const isOver = afterMs(patienceMs);
  const late = await untilAcked(store, { holders, stream, lastId, isOver });
  if (late.length > 0) await evict(store, late, { stream, lastId });
  listeners.get(store)?.({ waitedMs: performance.now() - startMs, evicted: late.length });
}

/** The clock starts when Redis has answered: no lease is prolonged after the eviction. */
async function evict(
  store: Store,
  holders: readonly Holder[],
  event: { stream: string; lastId: StreamId },
): Promise<void> {
  await evictHolders(store, holders);
  const leaseMs = Math.max(...holders.map((holder) => holder.leaseMs));
  const isOver = afterMs(leaseMs * slowestPace + marginMs);
  const late = await untilAcked(store, { ...event, holders, isOver });
  if (late.length > 0)
    await forgetHolders(
      store,
      late.map(({ id }) => id),
    );
}

/**
 * Those that may still grant when the time is over: they have not acknowledged, and are on the list. A holder takes itself
 * off when it has lost its lease, a revoker when the lease must have run out.
 */
async function untilAcked(
  store: Store,
  wait: { holders: readonly Holder[]; stream: string; lastId: StreamId; isOver: () => boolean },
): Promise<readonly Holder[]> {
  let late = wait.holders;
  const [isEagerOver, isPromptOver] = [afterMs(eagerMs), afterMs(promptMs)];
  for (let pauseMs = shortestPauseMs; ;) {
    if (isEagerOver()) await delay(pauseMs);
    const isOver = wait.isOver();
    late = await findLate(store, { ...wait, holders: late });
    if (late.length === 0 || isOver) return late;
    if (isPromptOver()) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

async function findLate(
  store: Store,
  { holders, stream, lastId }: { holders: readonly Holder[]; stream: string; lastId: StreamId },
): Promise<readonly Holder[]> {
  const [acks, listed] = await inOneWrite(store, () =>
    Promise.all([readAcks(store, holders, stream), readHolders(store)]),
  );
  const ids = new Set(listed.map(({ id }) => id));
  return holders.filter(({ id }, index) => ids.has(id) && !isAcked(acks[index] ?? '', lastId));
}

function afterMs(timeMs: number): () => boolean {
  const untilMs = performance.now() + timeMs;
  return () => performance.now() >= untilMs;
}
