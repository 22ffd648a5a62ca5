import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { createRulesSource } from '../core/check/rules-source.ts';
import { isStoreUnavailable, type Store } from '../core/redis/store.ts';
import { registerAccessTokens } from '../plugins/access-token.ts';
import health from '../plugins/health.ts';
import redis from '../plugins/redis.ts';
import { serverOptions, type ServerSettings } from '../plugins/server-options.ts';
import { addTokenMetrics } from '../plugins/token-metrics.ts';
import type { WebhookConfig } from './config.ts';
import { sendDenial, sendUnavailable } from './contract/answer.ts';
import { createDenialLog } from './log-denials.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { formOf } from './routes/check-outcome.ts';
import { registerChecks } from './routes/checks.ts';
import { registerMetrics } from './routes/metrics.ts';

/** A plugin that finds its pooled connection closed loses a check, so idle connections live long. */
const keepAliveMs = 3_600_000;

/** The webhook service with its routes, not yet listening. */
export interface Webhook {
  app: FastifyInstance;
  metrics: Metrics;
}

/** Builds the service on an open store; the app closes the store. */
export async function buildWebhook(
  config: Pick<WebhookConfig, 'issuer' | 'audience' | 'verificationKeys' | 'brokerKey' | 'metricsAccess'>,
  { store, ...settings }: { store: Store } & ServerSettings,
): Promise<Webhook> {
  const app: FastifyInstance = Fastify({
    ...serverOptions(settings),
    connectionTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    // No logger per request: a check must not pay for lines that nobody asked for.
    childLoggerFactory: (logger) => logger,
  });
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  const metrics = createMetrics();
  addTokenMetrics(metrics.registry, { ...config, keys: config.verificationKeys });
  handleFaults(app, metrics);
  await app.register(redis, { store });
  await registerAccessTokens(app, config);

  const rules = createRulesSource(store, (faults) =>
    app.log.error({ event: 'rules-broken', faults }, 'the rules in force are broken and allow nothing'),
  );
  await app.register(health);
  registerMetrics(app, metrics, config.metricsAccess);
  registerChecks(app, { store, rules, metrics, logDenial: createDenialLog(app.log) }, config.brokerKey);
  return { app, metrics };
}

function handleFaults(app: FastifyInstance, metrics: Metrics): void {
  app.setNotFoundHandler((request, reply) => {
    metrics.countUnknownRoute();
    return sendDenial(reply, formOf(request), 'route-unknown');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (isUnknowable(error)) return sendUnavailable(reply, formOf(request));
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return sendDenial(reply, formOf(request), 'body-too-large');
    if ((error.statusCode ?? 500) < 500) return sendDenial(reply, formOf(request), 'request-malformed');
    request.log.error({ event: 'check-failed', err: error }, 'a check failed');
    return sendDenial(reply, formOf(request), 'check-failed');
  });
}

/** Redis is away, or does not let this service in: then nothing about any client can be known. */
function isUnknowable(error: Error): boolean {
  return isStoreUnavailable(error) || /^(NOAUTH|NOPERM|WRONGPASS)\b/.test(error.message);
}
