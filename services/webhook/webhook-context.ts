import type { Store } from '../core/redis/store.ts';
import type { RulesSource } from '../core/check/rules-source.ts';
import type { DeniedCheck } from './log-denials.ts';
import type { Metrics } from './metrics.ts';

/** What the routes work with. */
export interface WebhookContext {
  readonly store: Store;
  readonly rules: RulesSource;
  readonly metrics: Metrics;
  readonly logDenial: (denied: DeniedCheck) => void;
}
