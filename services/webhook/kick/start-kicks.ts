import type { FastifyBaseLogger } from 'fastify';
import { isClientField } from '../../core/connections/connection.ts';
import type { Store } from '../../core/redis/store.ts';
import type { WebhookConfig } from '../config.ts';
import type { Metrics } from '../metrics.ts';
import { clientsKeyOf } from './client-owner.ts';
import { findEndedOwner, type EndedOwner } from './ended-owner.ts';
import { followEvents, type StreamEvent } from './follow-events.ts';
import { createKickQueue } from './kick-queue.ts';
import type { ClientNotes } from './note-clients.ts';
import { createLapseSweep } from './sweep-lapsed.ts';

/** What kicks work with. */
export interface KickParts {
  store: Store;
  metrics: Metrics;
  notes: ClientNotes;
  log: FastifyBaseLogger;
}

/**
 * Starts kicking the clients of sessions that are revoked or lapse, and of devices that are disabled, deleted or get
 * another key at once. The checks already deny them; this closes their
 * connections. Nobody waits for it.
 */
export function startKicks(
  { redisUrl, brokerUrls, expirySweepMs }: Pick<WebhookConfig, 'redisUrl' | 'brokerUrls' | 'expirySweepMs'>,
  { store, metrics, notes, log }: KickParts,
): { stop: () => void } {
  if (brokerUrls.length === 0) {
    log.warn(
      { event: 'kicks-off' },
      'BROKER_URLS is empty: revoked clients are denied, but not disconnected',
    );
    return { stop: () => undefined };
  }
  const queue = createKickQueue(store, { metrics, log });

  async function kickAll({ owner, sinceMs }: EndedOwner): Promise<void> {
    const fields = await store.redis.hkeys(clientsKeyOf(owner));
    for (const clientId of fields.filter(isClientField)) {
      queue.add({ owner, clientId, sinceMs, brokerUrls });
    }
  }

  async function onEvent(event: StreamEvent): Promise<void> {
    const ended = findEndedOwner(event);
    if (ended) await kickAll(ended);
  }

  notes.onLate((late) => queue.add({ ...late, brokerUrls, evenIfForgotten: true }));
  const sweep = createLapseSweep(store, ({ sid, sinceMs }) => kickAll({ owner: { sid }, sinceMs }));
  const events = followEvents(redisUrl, { onEvent, log });
  const timer = repeat(sweep, expirySweepMs);
  return {
    stop() {
      events.stop();
      timer.stop();
      queue.stop();
    },
  };
}

/** Runs a task again and again, `pauseMs` after it has ended. */
function repeat(task: () => Promise<void>, pauseMs: number): { stop: () => void } {
  let stopped = false;
  let timer = setTimeout(run, pauseMs);

  async function run(): Promise<void> {
    await task().catch(() => {
      // Redis is away, which the store reports; the next run starts where the last good one ended.
    });
    if (!stopped) timer = setTimeout(run, pauseMs);
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
