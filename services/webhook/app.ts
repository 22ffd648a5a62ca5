import Fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { createRulesSource } from '../core/check/rules-source.ts';
import type { Store } from '../core/redis/store.ts';
import { readVerificationKeys } from '../core/tokens/key-files.ts';
import { registerAccessTokens } from '../plugins/access-token.ts';
import { closeInTime } from '../plugins/close-in-time.ts';
import health from '../plugins/health.ts';
import keyReporting from '../plugins/key-reporting.ts';
import { openServiceRing } from '../plugins/key-rings.ts';
import redis from '../plugins/redis.ts';
import { serverOptions, type ServerSettings } from '../plugins/server-options.ts';
import { addTokenMetrics } from '../plugins/token-metrics.ts';
import type { WebhookConfig } from './config.ts';
import { sendAnswer, sendDenial } from './contract/answer.ts';
import { createClientNotes, type ClientNotes } from './kick/note-clients.ts';
import { createPlainAnswers } from './lane/answer-plain.ts';
import { createLane, lastAnswersMs, type Lane } from './lane/lane.ts';
import { createDenialLog } from './log-denials.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openMemory } from './near-cache/open-memory.ts';
import { concludeError } from './routes/check-outcome.ts';
import { formOf } from './routes/check-request.ts';
import { registerChecks } from './routes/checks.ts';
import { registerDisconnects } from './routes/disconnects.ts';
import { registerHooks } from './routes/hooks/register-hooks.ts';
import { registerMetrics } from './routes/metrics.ts';

/** A plugin that finds its pooled connection closed loses a check, so idle connections live long. */
const keepAliveMs = 3_600_000;

/** The webhook service with its routes, not yet listening. */
export interface Webhook {
  app: FastifyInstance;
  metrics: Metrics;
  notes: ClientNotes;
  lane: Lane;
}

/** Builds the service on an open store; the app closes the store. Throws a SettingsError if the counter file can't be used. */
export async function buildWebhook(
  config: Pick<
    WebhookConfig,
    | 'issuer'
    | 'audience'
    | 'verificationKeys'
    | 'verificationKeysFile'
    | 'brokerKey'
    | 'brokerHooks'
    | 'rabbitmqVhost'
    | 'metricsAccess'
    | 'redisUrl'
    | 'nearCache'
  >,
  { store, ...settings }: { store: Store } & ServerSettings,
): Promise<Webhook> {
  const app: FastifyInstance = Fastify({
    ...serverOptions(settings),
    connectionTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    // No logger and no id per request: a check must not pay for lines that nobody asked for.
    childLoggerFactory: (logger) => logger,
    genReqId: () => '',
  });
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
  const metrics = createMetrics();
  const keys = openServiceRing(app, {
    what: 'verification keys',
    file: config.verificationKeysFile,
    read: readVerificationKeys,
    keys: config.verificationKeys,
  });
  addTokenMetrics(metrics.registry, { ...config, keys, rings: [keys] });
  handleFaults(app, metrics);
  await app.register(redis, { store });
  await registerAccessTokens(app, { ...config, keys });
  await app.register(keyReporting, {
    store,
    describe: () => ({ service: 'webhook', kids: keys.keys.map(({ kid }) => kid) }),
    sources: [keys],
  });

  const rules = createRulesSource(store, (faults) =>
    app.log.error({ event: 'rules-broken', faults }, 'the rules in force are broken and allow nothing'),
  );
  await app.register(health);
  registerMetrics(app, metrics, config.metricsAccess);
  const { facts, offer } = await openMemory(app, config, metrics);
  const notes = openNotes(app);
  const context = { store, rules, facts, offer, notes, metrics, logDenial: createDenialLog(app.log) };
  registerChecks(app, context, config.brokerKey);
  registerDisconnects(app, context, config.brokerKey);
  registerHooks(app, context, config);
  const lane = createLane(createPlainAnswers(app, context, config.brokerKey));
  lane.putBefore(app.server);
  app.addHook('preClose', lane.close);
  closeInTime(app, lastAnswersMs);
  return { app, metrics, notes, lane };
}

function openNotes(app: FastifyInstance): ClientNotes {
  const notes = createClientNotes(app.store, (err) =>
    app.log.error(
      { event: 'client-not-noted', err },
      'a client was let in that is neither listed nor kicked',
    ),
  );
  app.addHook('onClose', notes.stop);
  return notes;
}

function handleFaults(app: FastifyInstance, metrics: Metrics): void {
  app.setNotFoundHandler((request, reply) => {
    metrics.countUnknownRoute();
    return sendDenial(reply, formOf(request), 'route-unknown');
  });
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendAnswer(reply, concludeError(app.log, formOf(request), error)),
  );
}
