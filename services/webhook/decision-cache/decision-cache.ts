import type { Lease } from '../../core/leases/lease.ts';
import type { ClockReading } from '../../core/leases/lease-clock.ts';
import type { Memory } from '../near-cache/near-facts.ts';
import type { Counters } from './counters.ts';
import type { DecisionMetrics } from './decision-metrics.ts';
import { createEnds, type Ends } from './ends.ts';
import { createNotedSlots } from './noted-slots.ts';
import { createOffer, type Offer } from './offer.ts';

/** What the near cache tells, so that grants which brokers remember end no later than what they were decided from. */
export interface DecisionCache {
  /** An entry is gone, for any reason. */
  onDropped(key: string): void;
  /** The version of the rules may have changed. */
  onRulesForgotten(): void;
  /** Throws if something could not be voided: then no event may be acknowledged. */
  assertVoided(): void;
  /** As LeaseUse. */
  onProlonged(sent: ClockReading, redisMs: number): void;
  /** As LeaseUse; all entries are gone. */
  onLost(): boolean;
  /** Begins to offer, by the lease and the memory that the rest is told about. */
  offerBy(lease: Lease, memory: Memory): Offer;
  close(): void;
}

/** Makes the decision cache's side of the webhook service on open counters. */
export function createDecisionCache(counters: Counters, metrics: DecisionMetrics): DecisionCache {
  const noted = createNotedSlots(counters.bump);
  let ends: Ends | undefined;

  return {
    onDropped: noted.drop,
    onRulesForgotten: counters.bumpAll,
    assertVoided: counters.assertWritten,
    onProlonged(sent, redisMs) {
      if (ends?.hasRunAhead(redisMs)) counters.bumpAll();
      counters.prolong(sent);
    },
    onLost() {
      noted.clear();
      return counters.end();
    },
    offerBy(lease, memory) {
      ends = createEnds(lease);
      return createOffer({ lease, memory, counters, noted, ends, metrics });
    },
    close: counters.close,
  };
}
