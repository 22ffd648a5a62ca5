import { resultsOf, type Pipeline } from '../check/pipeline-results.ts';
import { acksKey, holdersKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';

/*
 * A holder is a webhook service that may answer checks from memory while its lease is valid (tests/model/lease.pml is
 * the protocol, checked). Its record in Redis has no life of its own, so that no clock of Redis counts: who may not wait
 * for it evicts it, and then waits by a clock of their own until its lease must have run out.
 *
 * Fail-over. Where replicas may be promoted, a holder joins and prolongs its lease by a write that all of them must have
 * (WAIT), and `sent` is before that write. So whichever is promoted knows all holders, as they joined; and it was promoted
 * after `sent`, as no replica confirms anything to the old primary from then on. Whoever revokes at the new primary evicts
 * the holder later still, and waits for the lease to run out, which ends by then: an isolated primary can prolong nothing.
 * Its replicas have acknowledgements only with the events that they are about, so they never say too much. That holds if
 * the replicas asked for are all that may be promoted; with fewer, or with none, it does not.
 *
 * A Redis Cluster gives no leases, as one command reads all streams: every check asks Redis there.
 */

/** A holder as revokers see it. */
export interface Holder {
  readonly id: string;
  /** How long it may answer from memory after it was told that it still is a holder. */
  readonly leaseMs: number;
  /** How many replicas have to know whenever its lease begins or goes on. */
  readonly replicasRequired: number;
}

/** An event's place in its stream, `<ms>-<number>`, as Redis gives it. */
export type StreamId = string;

/** The place before all events. */
export const beforeAll: StreamId = '0-0';

/** The longest lease that can be configured; taken for a record that can't be read. */
export const longestLeaseMs = 10_000;

const acksTtlSeconds = 86_400;

/** Notes a new holder and what it has applied. Returns Redis' time, in ms. */
export async function joinHolders(
  store: Store,
  { id, leaseMs, replicasRequired }: Holder,
  applied: ReadonlyMap<string, StreamId>,
): Promise<number> {
  const pipeline = store.redis.pipeline();
  addAcks(pipeline, id, applied);
  const answers = resultsOf(
    await pipeline.hset(holdersKey, id, `held ${leaseMs} ${replicasRequired}`).time().exec(),
  );
  return toMs(answers.at(-1) as [string, string]);
}

/** Takes a holder off the list: it has stopped answering from memory, or can't do so any more. */
export async function forgetHolders(store: Store, ids: readonly string[]): Promise<void> {
  await store.redis.hdel(holdersKey, ...ids);
}

/** Acknowledges events. Call it only after they have been applied. */
export function addAcks(pipeline: Pipeline, id: string, applied: ReadonlyMap<string, StreamId>): void {
  if (applied.size === 0) return;
  pipeline.hset(acksKey(id), Object.fromEntries(applied)).expire(acksKey(id), acksTtlSeconds);
}

/** Whether a record says that its holder may prolong its lease. */
export function isHeld(record: unknown): boolean {
  return typeof record === 'string' && record.startsWith('held ');
}

/** All holders, also those that somebody else is evicting: their leases may be valid still. */
export async function readHolders(store: Store): Promise<Holder[]> {
  const records = Object.entries(await store.redis.hgetall(holdersKey));
  return records.map(([id, record]) => ({
    ...{ id, leaseMs: readLeaseMs(record) },
    replicasRequired: Number(record.split(' ')[2] ?? 0),
  }));
}

/** From here on no holder among these is told that it still is one. */
export async function evictHolders(store: Store, holders: readonly Holder[]): Promise<void> {
  await store.redis.hset(
    holdersKey,
    Object.fromEntries(holders.map(({ id, leaseMs }) => [id, `evicted ${leaseMs}`])),
  );
}

/** For each holder the newest event of a stream that it has applied. */
export async function readAcks(
  store: Store,
  holders: readonly Holder[],
  stream: string,
): Promise<StreamId[]> {
  const acks = await Promise.all(holders.map(({ id }) => store.redis.hget(acksKey(id), stream)));
  // A holder without a word has acknowledged nothing, not even that the stream is empty.
  return acks.map((ack) => ack ?? '');
}

/** Whether an acknowledgement covers an event. */
export function isAcked(ack: StreamId, event: StreamId): boolean {
  if (ack === '') return false;
  const [ackMs = 0n, ackNumber = 0n] = ack.split('-').map(BigInt);
  const [eventMs = 0n, eventNumber = 0n] = event.split('-').map(BigInt);
  return ackMs > eventMs || (ackMs === eventMs && ackNumber >= eventNumber);
}

/** The id of the newest event of a stream, also of one that has been trimmed away; `beforeAll` if there was none. */
export async function readLastId(store: Store, stream: string): Promise<StreamId> {
  try {
    return lastIdOf((await store.redis.xinfo('STREAM', stream)) as unknown[]);
  } catch (error) {
    if (isNoStream(error)) return beforeAll;
    throw error;
  }
}

function lastIdOf(facts: readonly unknown[]): StreamId {
  const id = facts[facts.indexOf('last-generated-id') + 1];
  if (typeof id !== 'string' || !/^\d+-\d+$/.test(id)) throw new TypeError('XINFO STREAM without a last id');
  return id;
}

function isNoStream(error: unknown): boolean {
  return error instanceof Error && error.message === 'ERR no such key';
}

function readLeaseMs(record: string): number {
  const leaseMs = Number(record.split(' ')[1]);
  return leaseMs > 0 && leaseMs <= longestLeaseMs ? leaseMs : longestLeaseMs;
}
