import type { FactsSource } from '../../core/check/facts-source.ts';
import { holdLease } from '../../core/leases/hold-lease.ts';
import type { StreamEvent } from '../../core/leases/read-streams.ts';
import { partitions } from '../../core/ids.ts';
import { eventsKey, rulesEventsKey } from '../../core/redis/keys.ts';
import type { Store } from '../../core/redis/store.ts';
import type { DecisionCache } from '../decision-cache/decision-cache.ts';
import type { Offer } from '../decision-cache/offer.ts';
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
  /** See LeaseSettings. */
  readonly replicasRequired?: number | undefined;
}

/** The near cache of a running service. */
export interface NearCache {
  readonly facts: FactsSource;
  /** Undefined without a decision cache. */
  readonly offer: Offer | undefined;
  stop(): Promise<void>;
}

/**
 * Starts to keep what ACL checks are decided from in memory. It counts only while this service holds a lease, so that
 * whoever revokes something can wait until nobody answers from before (tests/model/lease.pml). `hold` is replaced in tests.
 */
export function openNearCache(
  store: Store,
  { redisUrl, leaseMs, mostBytes, replicasRequired }: NearCacheSettings,
  {
    metrics,
    decisions,
    onError,
    hold = holdLease,
  }: {
    metrics: NearMetrics;
    decisions?: DecisionCache | undefined;
    onError: (error: Error) => void;
    hold?: typeof holdLease;
  },
): NearCache {
  const entries = createEntries<Remembered>(mostBytes, decisions?.onDropped);
  const fills = createFills<unknown>(metrics.countVoided);
  const rulesVersion = createRulesVersion(decisions?.onRulesForgotten);
  const memory = { entries, fills, rulesVersion };

  const lease = hold(
    { redisUrl, leaseMs, replicasRequired, filledFrom: store },
    {
      streams: [...partitions.map(eventsKey), rulesEventsKey],
      onEvents: apply,
      onDoubt: (stream) => apply(stream, 'all'),
      onProlonged: (sent, redisMs) => decisions?.onProlonged(sent, redisMs),
      onLost: empty,
      onError,
    },
  );

  function apply(stream: string, events: readonly StreamEvent[] | 'all'): void {
    dropByEvents(memory, stream, events);
    decisions?.assertVoided();
  }

  function empty(): boolean {
    fills.voidAll();
    entries.clear();
    rulesVersion.forget();
    metrics.countLost();
    return decisions?.onLost() ?? true;
  }

  metrics.watch({ bytes: entries.bytes, count: entries.count, isValid: lease.isValid });
  return {
    facts: createNearFacts(store, { lease, memory, metrics }),
    offer: decisions?.offerBy(lease, memory),
    async stop() {
      await lease.stop();
      decisions?.close();
    },
  };
}
