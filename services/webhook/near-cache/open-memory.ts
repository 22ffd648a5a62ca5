import type { FastifyInstance } from 'fastify';
import { SettingsError } from '../../core/settings/read-settings.ts';
import type { WebhookConfig } from '../config.ts';
import { createCounterFile } from '../decision-cache/counter-file.ts';
import { openCounters } from '../decision-cache/counters.ts';
import { createDecisionCache, type DecisionCache } from '../decision-cache/decision-cache.ts';
import { createDecisionMetrics } from '../decision-cache/decision-metrics.ts';
import { awaitFormerOwner } from '../decision-cache/take-over.ts';
import type { Metrics } from '../metrics.ts';
import { openNearCache, type NearCache } from './near-cache.ts';
import { createNearMetrics } from './near-metrics.ts';
import { warnOfReplicas } from './warn-of-replicas.ts';

/**
 * Opens the caches that are switched on, until the app closes. Throws a SettingsError if the counter file can't be made,
 * or another service writes it.
 */
export async function openMemory(
  app: FastifyInstance,
  { redisUrl, nearCache }: Pick<WebhookConfig, 'redisUrl' | 'nearCache'>,
  { registry }: Metrics,
): Promise<Partial<Pick<NearCache, 'facts' | 'offer'>>> {
  if (nearCache === undefined) return {};
  const { counterFile, leaseMs } = nearCache;
  const decisions = counterFile === undefined ? undefined : await openDecisions(counterFile);
  const near = openNearCache(
    app.store,
    { redisUrl, ...nearCache },
    { metrics: createNearMetrics(registry), decisions, onError: tellTrouble },
  );
  warnOfReplicas(app, nearCache.replicasRequired);
  app.addHook('preClose', near.stop);
  return near;

  async function openDecisions(path: string): Promise<DecisionCache> {
    const file = await openFile(path, leaseMs);
    const metrics = createDecisionMetrics(registry);
    const counters = openCounters(file, { leaseMs, metrics, onFault: (err) => tellFault(path, err) });
    return createDecisionCache(counters, metrics);
  }

  function tellTrouble(err: Error): void {
    app.log.debug({ event: 'lease-trouble', err }, 'no lease for now');
  }

  function tellFault(file: string, err: Error): void {
    app.log.error({ event: 'counter-file-lost', file, err }, 'brokers remember nothing until a restart');
  }
}

async function openFile(path: string, leaseMs: number) {
  try {
    await awaitFormerOwner(path);
    return createCounterFile(path, { leaseMs });
  } catch (error) {
    throw new SettingsError([{ name: 'COUNTER_FILE', fault: `can't be used: ${(error as Error).message}` }]);
  }
}
