import { resultsOf, type Pipeline } from '../check/pipeline-results.ts';
import { holdersKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { addAcks, isHeld, readLastId, type StreamId } from './holders.ts';

/** The fields of one event. */
export type StreamEvent = ReadonlyMap<string, string>;

/** What was read of one stream, in its order. */
export interface StreamRead {
  readonly stream: string;
  readonly events: readonly StreamEvent[];
  readonly lastId: StreamId;
}

/** The answer to a holder's question. */
export interface TurnAnswer {
  /** Whether it still is a holder. */
  readonly isHeld: boolean;
  readonly redisMs: number;
  readonly reads: readonly StreamRead[];
}

type Positions = ReadonlyMap<string, StreamId>;
type Entries = [id: StreamId, fields: string[]][];

/** Events of one stream in one read. Streams keep more: so who misses events by their length has read this many. */
export const mostPerRead = 500;

/** Where each stream ends now. */
export async function readPositions(
  store: Store,
  streams: readonly string[],
): Promise<Map<string, StreamId>> {
  const ids = await Promise.all(streams.map((stream) => readLastId(store, stream)));
  return new Map(streams.map((stream, index) => [stream, ids[index] as StreamId]));
}

/** Acknowledges what was applied, and asks whether the lease goes on and what has happened since. */
export async function takeTurn(
  store: Store,
  { id, positions }: { id: string; positions: Positions },
  applied: Positions,
): Promise<TurnAnswer> {
  const pipeline = store.redis.pipeline();
  addAcks(pipeline, id, applied);
  addRead(pipeline.hget(holdersKey, id).time(), positions);
  const [record, time, streams] = resultsOf(await pipeline.exec()).slice(-3);
  return {
    isHeld: isHeld(record),
    redisMs: toMs(time as [string, string]),
    reads: toReads(streams as [string, Entries][] | null),
  };
}

/** Waits for events for `waitMs` at most. */
export async function awaitEvents(
  store: Store,
  positions: Positions,
  waitMs: number,
): Promise<readonly StreamRead[]> {
  const options = ['COUNT', mostPerRead, 'BLOCK', waitMs, 'STREAMS'] as const;
  return toReads(await store.redis.xread(...options, ...positions.keys(), ...positions.values()));
}

/**
 * The streams among these that may have lost events between a position and what was read after it: the event at the
 * position itself is gone, or there were too many.
 */
export async function findGaps(
  store: Store,
  positions: Positions,
  reads: readonly StreamRead[],
): Promise<string[]> {
  const pipeline = store.redis.pipeline();
  for (const { stream } of reads) {
    const id = positions.get(stream) ?? '-';
    pipeline.xrange(stream, id, id);
  }
  const found = resultsOf(await pipeline.exec());
  return reads
    .filter(({ events }, index) => events.length >= mostPerRead || (found[index] as Entries).length === 0)
    .map(({ stream }) => stream);
}

function addRead(pipeline: Pipeline, positions: Positions): void {
  pipeline.xread('COUNT', mostPerRead, 'STREAMS', ...positions.keys(), ...positions.values());
}

function toReads(streams: [string, Entries][] | null): StreamRead[] {
  return (streams ?? []).flatMap(([stream, entries]) => {
    const lastId = entries.at(-1)?.[0];
    return lastId === undefined
      ? []
      : [{ stream, lastId, events: entries.map(([, fields]) => toEvent(fields)) }];
  });
}

function toEvent(fields: string[]): StreamEvent {
  const event = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) event.set(fields[i] as string, fields[i + 1] as string);
  return event;
}
