import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { SweepCounts } from '../core/housekeeping/counts.ts';
import { startHousekeeping, type Housekeeping } from '../core/housekeeping/housekeeping.ts';

/**
 * Lets the service sweep beside its requests every `everyMs` (0 = never), from the time when it is ready until it
 * closes, and counts what the sweeps do.
 */
export function keepHouse(app: FastifyInstance, everyMs: number): void {
  if (everyMs === 0) return;
  const onSwept = countSweeps(app.metrics);
  let housekeeping: Housekeeping | undefined;
  app.addHook('onReady', async () => {
    housekeeping = startHousekeeping(app.store, { log: app.log, everyMs, onSwept });
  });
  app.addHook('preClose', async () => housekeeping?.close());
}

function countSweeps(registry: Registry): (counts: SweepCounts, isWalkDone: boolean) => void {
  const registers = [registry];
  const done = new Counter({
    name: 'bednet_housekeeping_total',
    help: 'What the sweeps of this instance looked at (keys_seen) and did.',
    labelNames: ['what'] as const,
    registers,
  });
  const swept = new Gauge({
    name: 'bednet_housekeeping_last_sweep_timestamp_seconds',
    help: 'When this instance swept last; 0 = not yet.',
    registers,
  });
  const walked = new Gauge({
    name: 'bednet_housekeeping_last_walk_end_timestamp_seconds',
    help: 'When this instance came to the end of all keys last; 0 = not yet.',
    registers,
  });
  return (counts, isWalkDone) => {
    for (const [what, count] of Object.entries(counts)) done.labels(toSnakeCase(what)).inc(count);
    swept.setToCurrentTime();
    if (isWalkDone) walked.setToCurrentTime();
  };
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
