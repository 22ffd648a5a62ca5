import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore, untilReady } from '../redis/store.ts';
import { forgetHolders, joinHolders, type StreamId } from './holders.ts';
import { openClock, type LeaseClock } from './lease-clock.ts';
import {
  awaitEvents,
  findGaps,
  readPositions,
  takeTurn,
  type StreamEvent,
  type StreamRead,
} from './read-streams.ts';

/** The right to answer from memory, as long as it is valid. */
export interface Lease extends Pick<LeaseClock, 'isValid' | 'redisNowMs'> {
  /** Gives the lease back; nothing is answered from memory any more. */
  stop(): Promise<void>;
}

/** What a lease is held for. */
export interface LeaseUse {
  /** The streams to follow, by their keys. */
  readonly streams: readonly string[];
  /** Drops what the events are about, and voids reads under way. It is done when this returns. */
  onEvents(stream: string, events: readonly StreamEvent[]): void;
  /** Drops all that a stream may be about: events of it are missing. */
  onDoubt(stream: string): void;
  /** Drops everything: the lease was lost. */
  onLost(): void;
  /** Told of each error, for the log. */
  onError(error: Error): void;
}

const retryDelayMs = 50;
const acknowledgeAgainMs = 3_600_000;

/**
 * Holds a lease on a connection of its own, again and again until it is stopped. Whatever goes wrong (a lost connection, a
 * late answer, an eviction, a pause of the process) ends it, and empties the memory before another one is taken under
 * another name.
 */
export function holdLease(
  { redisUrl, leaseMs }: { redisUrl: string; leaseMs: number },
  use: LeaseUse,
): Lease {
  const store = openStore({ url: redisUrl, commandTimeoutMs: leaseMs, onError: use.onError });
  const clock = openClock(leaseMs);
  let held: { id: string; positions: Map<string, StreamId>; acknowledgedAtMs: number } | undefined;
  const abandoned = new Set<string>();
  let closes = 0;
  let stopped = false;
  store.redis.on('close', () => {
    closes += 1;
    lose();
  });

  /** From here on nothing is answered from memory. */
  function lose(): void {
    if (held === undefined) return;
    abandoned.add(held.id);
    held = undefined;
    clock.end();
    use.onLost();
  }

  async function hold(): Promise<void> {
    while (!stopped) {
      try {
        await untilReady(store, leaseMs);
        await join();
        await follow();
        await leave();
      } catch (error) {
        lose();
        if (stopped) return;
        use.onError(error as Error);
        // A connection that hangs is not closed by a command's timeout.
        if (store.redis.status === 'ready') store.redis.disconnect(true);
      }
      if (!stopped) await delay(retryDelayMs);
    }
  }

  async function join(): Promise<void> {
    const id = randomBytes(12).toString('base64url'); // 96 bits: no name comes twice
    const closesBefore = closes;
    await forgetAbandoned();
    const positions = await readPositions(store, use.streams);
    const sent = clock.read();
    abandoned.add(id); // Unless the answer comes, and in time.
    const redisMs = await joinHolders(store, { id, leaseMs }, positions);
    if (closes !== closesBefore || stopped) return; // Another server may know other streams.
    abandoned.delete(id);
    held = { id, positions, acknowledgedAtMs: sent.steadyMs };
    clock.prolong(sent, redisMs);
  }

  /** Takes turn after turn until the lease is lost. */
  async function follow(): Promise<void> {
    let applied: ReadonlyMap<string, StreamId> | undefined = new Map();
    while (applied !== undefined && held !== undefined && !stopped) {
      applied = await turn(applied);
      if (applied?.size === 0 && held !== undefined)
        applied = await apply(await awaitEvents(store, held.positions, clock.pauseMs()));
    }
  }

  /** Acknowledges and prolongs. Returns what it has applied by the way, or undefined if the lease is lost. */
  async function turn(
    applied: ReadonlyMap<string, StreamId>,
  ): Promise<ReadonlyMap<string, StreamId> | undefined> {
    const sent = clock.read();
    if (held === undefined || !clock.isValid()) return undefined;
    const answer = await takeTurn(store, held, acknowledgements(applied, sent.steadyMs));
    if (held === undefined || !answer.isHeld) return undefined;
    const late = await apply(answer.reads);
    if (held !== undefined) clock.prolong(sent, answer.redisMs);
    return late;
  }

  /** All of them once an hour, so that their key lives. */
  function acknowledgements(applied: ReadonlyMap<string, StreamId>, steadyMs: number) {
    if (held === undefined || steadyMs - held.acknowledgedAtMs < acknowledgeAgainMs) return applied;
    held.acknowledgedAtMs = steadyMs;
    return held.positions;
  }

  /** Applies what was read. Returns what may be acknowledged now. */
  async function apply(reads: readonly StreamRead[]): Promise<ReadonlyMap<string, StreamId>> {
    if (held === undefined || reads.length === 0) return new Map();
    for (const { stream, events } of reads) use.onEvents(stream, events);
    for (const stream of await findGaps(store, held.positions, reads)) use.onDoubt(stream);
    const applied = new Map(reads.map(({ stream, lastId }) => [stream, lastId]));
    for (const [stream, id] of applied) held?.positions.set(stream, id);
    return applied;
  }

  async function leave(): Promise<void> {
    lose();
    await forgetAbandoned();
  }

  /** Saves revokers from waiting for names that answer nothing any more. */
  async function forgetAbandoned(): Promise<void> {
    const ids = [...abandoned];
    if (ids.length > 0) await forgetHolders(store, ids);
    for (const id of ids) abandoned.delete(id);
  }

  void hold();
  return {
    isValid: () => held !== undefined && clock.isValid(),
    redisNowMs: clock.redisNowMs,
    async stop() {
      stopped = true;
      await leave().catch(() => undefined); // Revokers evict it.
      store.close();
    },
  };
}
