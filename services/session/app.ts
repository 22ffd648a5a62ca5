import Fastify, { type FastifyInstance } from 'fastify';
import { createRulesSource } from '../core/check/rules-source.ts';
import { openGuessLimits } from '../core/guessing/guess-limits.ts';
import { createOpenTries } from '../core/guessing/open-tries.ts';
import type { PasswordHasher } from '../core/passwords/hasher.ts';
import type { Store } from '../core/redis/store.ts';
import { registerAccessTokens } from '../plugins/access-token.ts';
import cors from '../plugins/cors.ts';
import errors, { answerFrameworkError } from '../plugins/errors.ts';
import health from '../plugins/health.ts';
import metrics from '../plugins/metrics.ts';
import openapi from '../plugins/openapi.ts';
import redis from '../plugins/redis.ts';
import renewalCookie from '../plugins/renewal-cookie.ts';
import requestId from '../plugins/request-id.ts';
import securityHeaders from '../plugins/security-headers.ts';
import { serverOptions } from '../plugins/server-options.ts';
import strictInput from '../plugins/strict-input.ts';
import { addTokenMetrics } from '../plugins/token-metrics.ts';
import { startUpNotes } from './account-config.ts';
import type { SessionConfig } from './config.ts';
import { guessSecretOf } from './guess-config.ts';
import { adminDialect } from './dialects/native/admin/dialect.ts';
import { nativeErrorBody } from './dialects/native/answers.ts';
import { nativeDialect } from './dialects/native/dialect.ts';
import { docs } from './docs.ts';
import { openMail } from './open-mail.ts';
import { signpost } from './signpost.ts';
import { jwks } from './well-known/jwks.ts';

const mostWaitingForTries = 50;

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
  const { issuer, audience, lives, renewalKeys, mqtt } = config;
  const [signingKey] = config.signingKeys;
  if (!signingKey) throw new TypeError('there is no signing key');
  const app: FastifyInstance = Fastify({
    ...serverOptions({ ...config, ...(logDestination && { logDestination }) }),
    frameworkErrors: answerFrameworkError(nativeErrorBody),
  });

  await app.register(requestId);
  await app.register(securityHeaders);
  await app.register(cors, { origins: config.corsOrigins });
  await app.register(errors, { body: nativeErrorBody });
  await app.register(strictInput);
  await app.register(renewalCookie, { origins: [new URL(issuer).origin, ...config.corsOrigins] });
  await app.register(redis, { store });
  await registerAccessTokens(app, { issuer, audience, signingKey, verificationKeys: config.signingKeys });
  await app.register(metrics, { access: config.metricsAccess });
  addTokenMetrics(app.metrics, { issuer, audience, keys: config.signingKeys });
  await app.register(openapi, { title: 'Bednet session service', issuer });

  const mailer = openMail(app, config.mail);
  for (const note of startUpNotes(config)) app.log.warn(note);
  const context = {
    ...{ store, hasher, lives, renewalKeys },
    passwordPolicy: config.passwordPolicy,
    accounts: config.accounts,
    productName: config.productName,
    ...(mailer && { mailer }),
    guesses: openGuessLimits(store, config.guessing, guessSecretOf(config.pepper)),
    openTries: createOpenTries(mostWaitingForTries),
    shortIdleSeconds: config.shortIdleSeconds,
    party: { issuer, audience },
    secondFactor: config.secondFactor,
    rules: createRulesSource(store, (faults) => app.log.error({ faults }, 'the rules in force are broken')),
    signAccessToken: app.signAccessToken,
  };
  await app.register(signpost);
  await app.register(health);
  await app.register(jwks, { keys: config.signingKeys });
  await app.register(nativeDialect, { prefix: '/api/auth', context, mqtt });
  await app.register(adminDialect, { prefix: '/api/admin', context });
  await app.register(docs, { access: config.docsAccess });
  return app;
}
