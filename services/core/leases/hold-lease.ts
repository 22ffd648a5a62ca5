import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { holdersKey } from '../redis/keys.ts';
import { openStore, untilReady } from '../redis/store.ts';
import { openAbandonedNames } from './abandoned-names.ts';
import { acknowledgementsOf, type Held } from './acknowledgements.ts';
import { joinHolders, type StreamId } from './holders.ts';
import type { Lease, LeaseSettings, LeaseUse } from './lease.ts';
import { openClock, type ClockReading } from './lease-clock.ts';
import { awaitEvents, findGaps, readPositions, takeTurn, type StreamRead } from './read-streams.ts';

const retryDelayMs = 50;

/**
 * Holds a lease on a connection of its own, again and again until it is stopped. Whatever goes wrong (a lost connection, a
 * late answer, an eviction, a pause of the process, replicas that don't answer) ends it, and empties the memory before another
 * one is taken under another name.
 */
export function holdLease(
  { redisUrl, leaseMs, replicasRequired = 0, filledFrom }: LeaseSettings,
  use: LeaseUse,
): Lease {
  const store = openStore({ url: redisUrl, commandTimeoutMs: leaseMs, onError: use.onError });
  const clock = openClock(leaseMs);
  const abandoned = openAbandonedNames(store);
  let held: Held | undefined;
  let closes = 0;
  let stopped = false;
  store.redis.on('close', () => {
    closes += 1;
    lose();
  });

  /** From here on nothing is answered from memory. */
  function lose(): void {
    if (held === undefined) return;
    const { id } = held;
    held = undefined;
    clock.end();
    if (use.onLost()) abandoned.add(id);
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
    await abandoned.forget();
    const positions = await readPositions(store, use.streams);
    const sent = clock.read();
    abandoned.add(id); // Unless the answer comes, and in time.
    const [redisMs, isKnown] = await Promise.all([
      joinHolders(store, { id, leaseMs, replicasRequired }, positions),
      isReplicated(),
    ]);
    if (closes !== closesBefore || stopped) return; // Another server may know other streams.
    if (!isKnown) throw new Error(`fewer than ${replicasRequired} replicas know of the lease`);
    abandoned.keep(id);
    held = { id, positions, acknowledgedAtMs: sent.steadyMs };
    prolong(sent, redisMs);
  }

  function prolong(sent: ClockReading, redisMs: number): void {
    clock.prolong(sent, redisMs);
    use.onProlonged(sent, redisMs);
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

  /** Whether the replicas have what was written on this connection (Redis docs, WAIT). */
  async function isReplicated(): Promise<boolean> {
    if (replicasRequired === 0) return true;
    return (await store.redis.wait(replicasRequired, clock.turnMs)) >= replicasRequired;
  }

  /**
   * Acknowledges, and prolongs if it is time to. Returns what it has applied by the way, or undefined if the lease is lost.
   * Each WAIT comes behind a write, so that it says something about the time after `sent`.
   */
  async function turn(
    applied: ReadonlyMap<string, StreamId>,
  ): Promise<ReadonlyMap<string, StreamId> | undefined> {
    const sent = clock.read();
    if (held === undefined || !clock.isValid()) return undefined;
    const mayProlong = replicasRequired === 0 || clock.pauseMs() <= 1;
    const needsWrite = mayProlong && replicasRequired > 0;
    const asked = takeTurn(store, held, acknowledgementsOf(held, applied, { ...sent, needsWrite }));
    const replicated = mayProlong ? isReplicated() : Promise.resolve(false);
    replicated.catch(() => undefined); // It is looked at below.
    const answer = await asked;
    if (held === undefined || !answer.isHeld) return undefined;
    const late = await apply(answer.reads);
    if ((await replicated) && held !== undefined) prolong(sent, answer.redisMs);
    return late;
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
    await abandoned.forget();
  }

  function isAtOneServer(): boolean {
    const server = store.serverOf(holdersKey);
    return server !== undefined && server === filledFrom.serverOf(holdersKey);
  }

  void hold();
  return {
    isValid: () => held !== undefined && clock.isValid() && isAtOneServer(),
    redisNowMs: clock.redisNowMs,
    async stop() {
      stopped = true;
      await leave().catch(() => undefined); // Revokers evict it.
      store.close();
    },
  };
}
