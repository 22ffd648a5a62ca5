import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { LogController, type FastifyHttpOptions } from 'fastify';
import { answerClientErrors } from './client-errors.ts';
import type { ShapeAt } from './errors.ts';

/** What differs between the services. */
export interface ServerSettings {
  logLevel: string;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers count; none by default. */
  trustedProxies?: readonly string[];
  /** Where log lines go instead of standard output. */
  logDestination?: { write(line: string): void };
  /** How an error looks at an address; the same everywhere by default. */
  shapeAt?: ShapeAt;
}

/** Members that no schema names are dropped, and nothing is taken for a type that it is not. */
export const schemaRules = { removeAdditional: true, coerceTypes: false, allErrors: false };

/** How often requests that are overdue are looked for, in ms. */
export const connectionsCheckingInterval = 1000;

const requestIdPattern = /^[A-Za-z0-9_-]{8,64}$/;

/** Fastify's options for both services: sizes, times and how it logs (facts: sizes, times). */
export function serverOptions(settings: ServerSettings) {
  return {
    bodyLimit: 16_384,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    http: { maxHeaderSize: 16_384, headersTimeout: 5000, connectionsCheckingInterval },
    trustProxy: settings.trustedProxies?.length ? [...settings.trustedProxies] : false,
    genReqId: requestId,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    logger: loggerOptions(settings),
    clientErrorHandler: answerClientErrors(settings.shapeAt),
    ajv: { customOptions: schemaRules },
  } satisfies FastifyHttpOptions<Server>;
}

/** The caller's X-Request-ID if it is harmless, else a fresh one. */
function requestId(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID();
}

/** Secrets never reach a log call; redaction is the second line. Queries may hold secrets, so only the path is kept. */
function loggerOptions({ logLevel, logDestination }: ServerSettings) {
  return {
    level: logLevel,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: [
        'password',
        'token',
        'authorization',
        'cookie',
        '*.password',
        '*.token',
        '*.authorization',
        '*.cookie',
      ],
      censor: '[redacted]',
    },
    serializers: {
      err: toLoggedError,
      req: ({ method, url }: { method: string; url: string }) => ({
        method,
        path: url.split('?', 1)[0] ?? '',
      }),
    },
    ...(logDestination ? { stream: logDestination } : {}),
  };
}

/** Only what is known to be harmless: errors of the Redis client carry the command with its arguments. */
function toLoggedError(error: Error) {
  const { name, message, stack, cause } = error;
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: name,
    message,
    stack: stack ?? '',
    ...(code && { code }),
    ...(cause instanceof Error && { cause: cause.message }),
  };
}
