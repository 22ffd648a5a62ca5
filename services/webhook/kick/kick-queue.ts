import type { FastifyBaseLogger } from 'fastify';
import type { Store } from '../../core/redis/store.ts';
import { shortenId } from '../log-denials.ts';
import type { Metrics } from '../metrics.ts';
import { kickClient, type Kick, type KickResult } from './kick-client.ts';

/** Kicks under way at once; each is one short connection to a broker whose thread is shared by everybody. */
const mostAtOnce = 16;
/** Waits before the further tries; together longer than a ticket's life, so that a dead service's kick is done by another. */
const retryDelaysMs = [200, 1000, 3000, 10_000];

/** Kicks that wait or are under way. */
export interface KickQueue {
  /** Adds a kick; while one for this client id waits or is under way, it is done after that, as it may have connected anew. */
  add(kick: Kick): void;
  stop(): void;
}

/** Makes a queue that kicks a few clients at a time and tries again what failed. */
export function createKickQueue(
  store: Store,
  { metrics, log }: { metrics: Metrics; log: FastifyBaseLogger },
): KickQueue {
  const waiting: { kick: Kick; tries: number }[] = [];
  /** By client id those that wait or are under way, with what came after them. */
  const known = new Map<string, Kick | undefined>();
  const timers = new Set<NodeJS.Timeout>();
  let underWay = 0;
  let stopped = false;

  function next(): void {
    while (!stopped && underWay < mostAtOnce) {
      const job = waiting.shift();
      if (job === undefined) return;
      underWay += 1;
      void tryKick(job.kick, job.tries).finally(() => {
        underWay -= 1;
        next();
      });
    }
  }

  async function tryKick(kick: Kick, tries: number): Promise<void> {
    const result = await kickClient(store, kick).catch((error: Error): KickResult => ({
      outcome: 'failed',
      left: kick,
      error,
    }));
    if (!('left' in result)) return finish(kick, result);
    if (result.outcome === 'failed') metrics.countKick('failed');
    const delayMs = retryDelaysMs[tries];
    if (delayMs === undefined) return giveUp(kick, result.error);
    const timer = setTimeout(() => {
      timers.delete(timer);
      waiting.push({ kick: result.left, tries: tries + 1 });
      next();
    }, delayMs);
    timers.add(timer);
  }

  function finish(kick: Kick, result: Exclude<KickResult, { left: Kick }>): void {
    leave(kick);
    metrics.countKick(result.outcome);
    if (result.outcome !== 'kicked') return;
    const delayMs = Math.max(0, result.atMs - kick.sinceMs);
    metrics.observeKickDelay(delayMs);
    log.info({ event: 'client-kicked', clientId: shortenId(kick.clientId), delayMs }, 'client kicked');
  }

  function giveUp(kick: Kick, err: Error | undefined): void {
    leave(kick);
    metrics.countKick('given-up');
    log.error(
      { event: 'kick-given-up', clientId: shortenId(kick.clientId), err },
      'a client could not be kicked; all its checks are denied',
    );
  }

  function leave({ clientId }: Kick): void {
    const after = known.get(clientId);
    known.delete(clientId);
    if (after) add(after);
  }

  function add(kick: Kick): void {
    if (stopped) return;
    if (known.has(kick.clientId)) return addAfter(kick);
    known.set(kick.clientId, undefined);
    waiting.push({ kick, tries: 0 });
    next();
  }

  function addAfter(kick: Kick): void {
    const after = known.get(kick.clientId);
    if (!after?.evenIfForgotten) known.set(kick.clientId, kick);
  }

  return {
    add,
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
