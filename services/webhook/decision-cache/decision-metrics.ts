import { Counter, Histogram, type Registry } from 'prom-client';
import { createTally } from '../tally.ts';

/** What became of a granted ACL check: told to the broker as one to remember, or why not. */
export type OfferOutcome =
  'offered' | 'not-kept' | 'no-lease' | 'rules-changed' | 'lapsing' | 'too-many-clients' | 'off';

/** The numbers that the decision cache keeps about itself. */
export interface DecisionMetrics {
  countOffer(outcome: OfferOutcome): void;
  /** Notes one write that voids grants, and how long it took. */
  noteBump(kind: 'slot' | 'all', seconds: number): void;
}

const writeSeconds = [0.000_002, 0.000_005, 0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.001, 0.01, 0.1];

/** Adds the metrics of the decision cache to a registry. */
export function createDecisionMetrics(registry: Registry): DecisionMetrics {
  const registers = [registry];
  const offers = createTally({
    name: 'bednet_decision_cache_offers_total',
    help: 'Granted ACL checks by whether the broker may remember them (offered), or why not.',
    labelNames: ['outcome'],
    registers,
  });
  const bumps = new Counter({
    name: 'bednet_decision_cache_bumps_total',
    help: 'Writes that void what brokers remember, of one slot or of all.',
    labelNames: ['kind'] as const,
    registers,
  });
  const writes = new Histogram({
    name: 'bednet_decision_cache_write_seconds',
    help: 'Time of one such write.',
    buckets: writeSeconds,
    registers,
  });
  return {
    countOffer: offers,
    noteBump(kind, seconds) {
      bumps.labels(kind).inc();
      writes.observe(seconds);
    },
  };
}
