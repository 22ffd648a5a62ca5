import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { partitions } from '../../core/ids.ts';
import { eventsKey } from '../../core/redis/keys.ts';
import { openStore, untilReady } from '../../core/redis/store.ts';
import { redisNowMs } from './redis-now.ts';

/** One event of a partition's stream: its fields. */
export type StreamEvent = ReadonlyMap<string, string>;

/** A restarted service looks this far back; what was kicked already has no client ids left. */
export const replayMs = 3_600_000;

const blockMs = 5000;
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
  let stopped = false;
  let isFailing = false;

  async function follow(): Promise<void> {
    while (!stopped) {
      try {
        await untilReady(store, commandTimeoutMs);
        if (lastIds.size === 0) startAt((await redisNowMs(store)) - replayMs);
        await readOnce();
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

  function startAt(sinceMs: number): void {
    for (const key of keys) lastIds.set(key, `${sinceMs}-0`);
  }

  async function readOnce(): Promise<void> {
    const ids = keys.map((key) => lastIds.get(key) ?? '0');
    const streams = await store.redis.xread(
      ...(['COUNT', mostPerStream, 'BLOCK', blockMs, 'STREAMS'] as const),
      ...keys,
      ...ids,
    );
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
