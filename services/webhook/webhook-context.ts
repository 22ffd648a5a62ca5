import type { Store } from '../core/redis/store.ts';
import type { FactsSource } from '../core/check/facts-source.ts';
import type { RulesSource } from '../core/check/rules-source.ts';
import type { DeniedCheck } from './log-denials.ts';
import type { Metrics } from './metrics.ts';

/** What the routes work with. */
export interface WebhookContext {
  readonly store: Store;
  readonly rules: RulesSource;
  /** The near cache, if there is one. */
  readonly facts?: FactsSource | undefined;
  readonly metrics: Metrics;
  readonly logDenial: (denied: DeniedCheck) => void;
}
