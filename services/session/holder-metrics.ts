import { Counter, Histogram, type Registry } from 'prom-client';
import { watchHolderWaits } from '../core/leases/await-holders.ts';
import type { Store } from '../core/redis/store.ts';

const waitMs = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 1500, 2500];

/** Adds how long revocations wait for the near caches of webhook services, and how many of those had to be evicted. */
export function addHolderMetrics(registry: Registry, store: Store): void {
  const registers = [registry];
  const waits = new Histogram({
    name: 'bednet_holder_wait_milliseconds',
    help: 'Time that a change waited until no webhook service answered from before.',
    buckets: waitMs,
    registers,
  });
  const evictions = new Counter({
    name: 'bednet_holders_evicted_total',
    help: 'Webhook services that did not acknowledge a change in time, so that their lease had to run out.',
    registers,
  });
  watchHolderWaits(store, ({ waitedMs, evicted }) => {
    waits.observe(waitedMs);
    evictions.inc(evicted);
  });
}
