import Fastify, { type FastifyInstance } from 'fastify';
import { createRulesSource } from '../core/check/rules-source.ts';
import { openGuessLimits } from '../core/guessing/guess-limits.ts';
import { createOpenTries } from '../core/guessing/open-tries.ts';
import type { PasswordHasher } from '../core/passwords/hasher.ts';
import type { Store } from '../core/redis/store.ts';
import { registerAccessTokens } from '../plugins/access-token.ts';
import { closeInTime } from '../plugins/close-in-time.ts';
import cors from '../plugins/cors.ts';
import { rememberAddresses } from '../plugins/client-errors.ts';
import errors, { answerFrameworkError } from '../plugins/errors.ts';
import health from '../plugins/health.ts';
import keyReporting from '../plugins/key-reporting.ts';
import { compileSchemasLate } from '../plugins/lazy-schemas.ts';
import metrics from '../plugins/metrics.ts';
import openapi, { documents } from '../plugins/openapi.ts';
import redis from '../plugins/redis.ts';
import renewalCookie from '../plugins/renewal-cookie.ts';
import requestId from '../plugins/request-id.ts';
import securityHeaders from '../plugins/security-headers.ts';
import { serverOptions } from '../plugins/server-options.ts';
import strictInput from '../plugins/strict-input.ts';
import { addTokenMetrics } from '../plugins/token-metrics.ts';
import { beginInTurns } from '../plugins/turns.ts';
import { startUpNotes } from './account-config.ts';
import { watchCheckMetrics, type CheckMetrics } from './check-metrics/check-metrics.ts';
import type { SessionConfig } from './config.ts';
import { guessSecretOf } from './guess-config.ts';
import { dialectsOf, isInDialect, registerDialects, shapesOf } from './dialects/dialects.ts';
import { docs } from './docs.ts';
import { addHolderMetrics } from './holder-metrics.ts';
import { keepHouse } from './keep-house.ts';
import { describeKeys, openKeys } from './open-keys.ts';
import { openMail } from './open-mail.ts';
import { clientLibrary } from './page/client-library.ts';
import { openPage, pageForUnknown } from './page/page.ts';
import { signpost } from './signpost.ts';
import { jwks } from './well-known/jwks.ts';

/** A burst of sign-ins is answered by then. */
const lastAnswersMs = 5000;
const mostWaitingForTries = 50;

/** About 2 ms of work: a burst of requests holds the event loop up no longer. */
const requestsPerTurn = 8;

/** What the service is built from; the app closes the store. */
export interface SessionParts {
  config: SessionConfig;
  store: Store;
  hasher: PasswordHasher;
  /** Where log lines go instead of standard output. */
  logDestination?: { write(line: string): void };
}

/** Builds the session service, not yet listening. */
export async function buildApp({
  config,
  store,
  hasher,
  logDestination,
}: SessionParts): Promise<FastifyInstance> {
  const { issuer, audience, lives, mqtt } = config;
  const dialects = dialectsOf(config.dialects);
  const shapeAt = shapesOf(dialects);
  const page = config.servesPage ? openPage(mqtt.websocketUrl) : undefined;
  const unknownPage = page && pageForUnknown(page, (url) => isInDialect(dialects, url));
  const app: FastifyInstance = Fastify({
    ...serverOptions({ ...config, shapeAt, ...(logDestination && { logDestination }) }),
    frameworkErrors: answerFrameworkError(shapeAt),
  });

  compileSchemasLate(app);
  rememberAddresses(app);
  beginInTurns(app.server, requestsPerTurn);
  await app.register(requestId);
  await app.register(securityHeaders);
  await app.register(cors, { origins: config.corsOrigins });
  await app.register(errors, { shapeAt, unknownPage });
  await app.register(strictInput);
  await app.register(renewalCookie, { origins: [new URL(issuer).origin, ...config.corsOrigins] });
  await app.register(redis, { store });
  const keys = await openKeys(app, config);
  await registerAccessTokens(app, { issuer, audience, keys: keys.signing });
  await app.register(metrics, { access: config.metricsAccess });
  addHolderMetrics(app.metrics, store);
  const { signing, renewal, signer } = keys;
  addTokenMetrics(app.metrics, { issuer, audience, keys: signing, rings: [signing, renewal], signer });
  const describe = () => describeKeys(keys, config);
  await app.register(keyReporting, { store, describe, sources: [signing, renewal, signer] });
  await app.register(documents);

  const mailer = openMail(app, config.mail);
  for (const note of startUpNotes(config)) app.log.warn(note);
  const context = {
    ...{ store, hasher, lives },
    get renewalKeys() {
      return renewal.keys;
    },
    passwordPolicy: config.passwordPolicy,
    accounts: config.accounts,
    apiKeys: config.apiKeys,
    productName: config.productName,
    ...(mailer && { mailer }),
    guesses: openGuessLimits(store, config.guessing, guessSecretOf(config.pepper)),
    openTries: createOpenTries(mostWaitingForTries),
    shortIdleSeconds: config.shortIdleSeconds,
    party: { issuer, audience },
    secondFactor: config.secondFactor,
    rules: createRulesSource(store, (faults) => app.log.error({ faults }, 'the rules in force are broken')),
    checkMetrics: openCheckMetrics(app, config.webhookMetricsUrls),
    signAccessToken: signer.sign,
  };
  if (page) await app.register(page.routes);
  await app.register(clientLibrary);
  await app.register(async (scope) => {
    await scope.register(openapi, { name: 'service', title: 'Bednet session service', issuer });
    await scope.register(signpost, { dialects, page });
    await scope.register(health);
    await scope.register(jwks, { keys: signing });
  });
  await registerDialects(app, dialects, { context, mqtt, settings: config.dialectSettings, issuer });
  await app.register(docs, { access: config.docsAccess });
  keepHouse(app, config.housekeepingEveryMs);
  closeInTime(app, lastAnswersMs);
  return app;
}

function openCheckMetrics(app: FastifyInstance, urls: readonly string[]): CheckMetrics {
  const checkMetrics = watchCheckMetrics(urls);
  app.addHook('preClose', async () => checkMetrics.close());
  return checkMetrics;
}
