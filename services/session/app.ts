import Fastify, { type FastifyInstance } from 'fastify';
import type { PasswordHasher } from '../core/passwords/hasher.ts';
import type { Store } from '../core/redis/store.ts';
import { registerAccessTokens } from '../plugins/access-token.ts';
import cors from '../plugins/cors.ts';
import errors, { answerFrameworkError } from '../plugins/errors.ts';
import health from '../plugins/health.ts';
import metrics from '../plugins/metrics.ts';
import openapi from '../plugins/openapi.ts';
import redis from '../plugins/redis.ts';
import requestId from '../plugins/request-id.ts';
import securityHeaders from '../plugins/security-headers.ts';
import { serverOptions } from '../plugins/server-options.ts';
import strictInput from '../plugins/strict-input.ts';
import type { SessionConfig } from './config.ts';
import { nativeErrorBody } from './dialects/native/answers.ts';
import { nativeDialect } from './dialects/native/dialect.ts';
import { docs } from './docs.ts';
import { signpost } from './signpost.ts';
import { jwks } from './well-known/jwks.ts';

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
  const { issuer, audience, lives, renewalKeys, passwordMinLength, mqtt } = config;
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
  await app.register(redis, { store });
  await registerAccessTokens(app, { issuer, audience, signingKey, verificationKeys: config.signingKeys });
  await app.register(metrics, { access: config.metricsAccess });
  await app.register(openapi, { title: 'Bednet session service', issuer });

  const context = {
    ...{ store, hasher, lives, renewalKeys, passwordMinLength },
    party: { issuer, audience },
    signAccessToken: app.signAccessToken,
  };
  await app.register(signpost);
  await app.register(health);
  await app.register(jwks, { keys: config.signingKeys });
  await app.register(nativeDialect, { prefix: '/api/auth', context, mqtt });
  await app.register(docs, { access: config.docsAccess });
  return app;
}
