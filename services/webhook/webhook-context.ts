import type { Store } from '../core/redis/store.ts';
import type { FactsSource } from '../core/check/facts-source.ts';
import type { RulesSource } from '../core/check/rules-source.ts';
import type { Offer } from './decision-cache/offer.ts';
import type { ClientNotes } from './kick/note-clients.ts';
import type { DeniedCheck } from './log-denials.ts';
import type { Metrics } from './metrics.ts';

/** What the routes work with. */
export interface WebhookContext {
  readonly store: Store;
  readonly rules: RulesSource;
  /** The near cache, if there is one. */
  readonly facts?: FactsSource | undefined;
  /** Tells a broker which grants it may remember; there is none without a counter file. */
  readonly offer?: Offer | undefined;
  readonly notes: ClientNotes;
  readonly metrics: Metrics;
  readonly logDenial: (denied: DeniedCheck) => void;
}
