import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { partitions } from '../../core/ids.ts';
import { eventsKey } from '../../core/redis/keys.ts';
import { openStore, untilReady } from '../../core/redis/store.ts';
import { redisNowMs } from './redis-now.ts';

/** One event of a partition's stream: its fields. */
export type StreamEvent = ReadonlyMap<string, string>;

type Streams = [key: string, entries: [id: string, fields: string[]][]][];

/** A restarted service looks this far back; what was kicked already has no client ids left. */
export const replayMs = 3_600_000;

const blockMs = 5000;

/** In a cluster no command can wait for streams of several slots, so they are asked again and again. */
const pollMs = 100;

/** A replica that was promoted may have lost events, and give the ids anew. */
const failOverReplayMs = 60_000;
const commandTimeoutMs = 15_000;
const mostPerStream = 500;
const retryDelayMs = 200;

/**
 * Follows the event streams of all partitions on a connection of its own, from an hour ago on. It reads by id, so a
 * lost connection loses nothing: it goes on after the last event that `onEvent` took without throwing.
 */
export function followEvents(
  redisUrl: string,
  { onEvent, log }: { onEvent: (event: StreamEvent) => Promise<void>; log: FastifyBaseLogger },
): { stop: () => void } {
  const store = openStore({ url: redisUrl, commandTimeoutMs });
  const keys = partitions.map(eventsKey);
  const lastIds = new Map<string, string>();
  let servers: string | undefined;
  let stopped = false;
  let isFailing = false;

  async function follow(): Promise<void> {
    while (!stopped) {
      try {
        await untilReady(store, commandTimeoutMs);
        await startOver();
        await (store.redis.isCluster ? poll() : readOnce());
        isFailing = false;
      } catch (error) {
        if (stopped) return;
        reportOnce(error as Error);
        // A connection that hangs is not closed by a command's timeout.
        if (store.redis.status === 'ready') store.redis.disconnect(true);
        await delay(retryDelayMs);
      }
    }
  }

  /** What is read twice is harmless. */
  async function startOver(): Promise<void> {
    if (keys.some((key) => store.serverOf(key) === undefined)) await redisNowMs(store); // Now it is known.
    const now = keys.map((key) => store.serverOf(key)).join();
    if (now === servers) return;
    const sinceMs = (await redisNowMs(store)) - (servers === undefined ? replayMs : failOverReplayMs);
    servers = now;
    for (const key of keys) {
      const lastMs = Number(lastIds.get(key)?.split('-')[0] ?? Infinity);
      if (lastMs > sinceMs) lastIds.set(key, `${sinceMs}-0`);
    }
  }

  async function readOnce(): Promise<void> {
    const ids = keys.map((key) => lastIds.get(key) ?? '0');
    const options = ['COUNT', mostPerStream, 'BLOCK', blockMs, 'STREAMS'] as const;
    await take(await store.redis.xread(...options, ...keys, ...ids));
  }

  async function poll(): Promise<void> {
    const options = ['COUNT', mostPerStream, 'STREAMS'] as const;
    const read = (key: string) => store.redis.xread(...options, key, lastIds.get(key) ?? '0');
    const answers = await Promise.all(keys.map(read));
    for (const streams of answers) await take(streams);
    await delay(pollMs);
  }

  async function take(streams: Streams | null): Promise<void> {
    for (const [key, entries] of streams ?? []) {
      for (const [id, fields] of entries) {
        await onEvent(toEvent(fields));
        lastIds.set(key, id);
      }
    }
  }

  function reportOnce(err: Error): void {
    if (!isFailing)
      log.warn({ event: 'events-unreadable', err }, 'the event streams cannot be read; trying again');
    isFailing = true;
  }

  void follow();
  return {
    stop() {
      stopped = true;
      store.close();
    },
  };
}

function toEvent(fields: string[]): StreamEvent {
  const event = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) event.set(fields[i] as string, fields[i + 1] as string);
  return event;
}
