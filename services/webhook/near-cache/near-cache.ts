import type { FactsSource } from '../../core/check/facts-source.ts';
import { holdLease } from '../../core/leases/hold-lease.ts';
import { partitions } from '../../core/ids.ts';
import { eventsKey, rulesEventsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';
import { dropByEvents } from './drop-by-events.ts';
import { createEntries } from './entries.ts';
import { createFills } from './fills.ts';
import type { NearMetrics } from './near-metrics.ts';
import { createNearFacts, type Remembered } from './near-facts.ts';
import { createRulesVersion } from './rules-version.ts';

/** Settings of the near cache. */
export interface NearCacheSettings {
  readonly redisUrl: string;
  readonly leaseMs: number;
  readonly mostBytes: number;
}

/** The near cache of a running service. */
export interface NearCache {
  readonly facts: FactsSource;
  stop(): Promise<void>;
}

/**
 * Starts to keep what ACL checks are decided from in memory. It counts only while this service holds a lease, so that
 * whoever revokes something can wait until nobody answers from before (tests/model/lease.pml).
 */
export function openNearCache(
  store: Store,
  { redisUrl, leaseMs, mostBytes }: NearCacheSettings,
  { metrics, onError }: { metrics: NearMetrics; onError: (error: Error) => void },
): NearCache {
  const entries = createEntries<Remembered>(mostBytes);
  const fills = createFills<unknown>(metrics.countVoided);
  const rulesVersion = createRulesVersion();
  const memory = { entries, fills, rulesVersion };

  const lease = holdLease(
    { redisUrl, leaseMs },
    {
      streams: [...partitions.map(eventsKey), rulesEventsKey],
      onEvents: (stream, events) => dropByEvents(memory, stream, events),
      onDoubt: (stream) => dropByEvents(memory, stream, 'all'),
      onLost: empty,
      onError,
    },
  );

  function empty(): void {
    fills.voidAll();
    entries.clear();
    rulesVersion.forget();
    metrics.countLost();
  }

  metrics.watch({ bytes: entries.bytes, count: entries.count, isValid: lease.isValid });
  return { facts: createNearFacts(store, { lease, memory, metrics }), stop: lease.stop };
}
