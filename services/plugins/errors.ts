import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ErrorCode } from '../contract/error-codes.ts';
import { BednetError } from '../core/errors.ts';
import { isStoreUnavailable } from '../core/redis/store.ts';
import { createRouteTable, type RouteTable } from './route-table.ts';

declare module 'fastify' {
  interface FastifyInstance {
    routeTable: RouteTable;
  }
}

/** How a dialect says an error. */
export interface ErrorAnswer {
  body: object;
  /** That of the error's code by default. */
  status?: number;
  /** application/json by default. */
  mediaType?: string;
  /** Beside, or instead of, Retry-After and WWW-Authenticate. */
  headers?: Readonly<Record<string, string>>;
}

/** Turns an error into the answer of a dialect; there is no request where the HTTP parser already refused it. */
export type ErrorShape = (error: BednetError, request?: { id: string; url: string }) => ErrorAnswer;

/** The shape of errors at an address, given as in the request line; undefined where nobody knows it. */
export type ShapeAt = (url: string | undefined) => ErrorShape;

const codeOfFastifyError: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'VAL_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_TYPE: 'VAL_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'VAL_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'VAL_INVALID_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'VAL_INVALID_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'VAL_INVALID_JSON',
  FST_ERR_BAD_URL: 'VAL_INVALID_FORMAT',
  FST_ERR_MAX_PARAM_LENGTH: 'RES_NOT_FOUND',
};

/** Sends a page for people where nothing is; undefined leaves the answer to the API. */
export type UnknownPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/** Error codes that are about the presented token (RFC 6750 3.1). */
const tokenCodes: readonly ErrorCode[] = [
  'AUTH_INVALID_TOKEN',
  'AUTH_TOKEN_EXPIRED',
  'AUTH_TOKEN_REVOKED',
  'AUTH_SESSION_EXPIRED',
];

/**
 * The one place where failures become answers, in the shape that their address calls for; addresses that are no route
 * are among them. Register it before any route.
 */
export default fp<{ shapeAt: ShapeAt; unknownPage?: UnknownPage | undefined }>(
  async (app, { shapeAt, unknownPage }) => {
    const routes = createRouteTable();
    app.decorate('routeTable', routes);
    app.addHook('onRoute', (route) => routes.add(route));
    app.setErrorHandler((error: unknown, request, reply) =>
      answerError(toBednetError(error), request, reply, shapeAt(request.url)),
    );
    app.setNotFoundHandler((request, reply) => {
      const methods = routes.methodsOf(request.url.split('?', 1)[0] ?? '');
      const page = methods.length === 0 ? unknownPage?.(request, reply) : undefined;
      return page ?? answerUnknown(methods, request, reply, shapeAt(request.url));
    });
  },
  { name: 'errors' },
);

/** All routes of this scope answer errors in one shape, however their address was spelled. */
export function shapeErrors(scope: FastifyInstance, shape: ErrorShape): void {
  scope.setErrorHandler((error: unknown, request, reply) =>
    answerError(toBednetError(error), request, reply, shape),
  );
}

/** For Fastify's `frameworkErrors`: what fails before a route was found. */
export function answerFrameworkError(shapeAt: ShapeAt) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
    answerError(
      toBednetError(error),
      request,
      reply.header('x-request-id', request.id),
      shapeAt(request.url),
    );
}

/** The BednetError that any thrown thing stands for; what we don't know is SYS_INTERNAL_ERROR. */
export function toBednetError(error: unknown): BednetError {
  if (error instanceof BednetError) return error;
  if (isStoreUnavailable(error)) {
    return new BednetError('SYS_SERVICE_UNAVAILABLE', { cause: error, retryAfterSeconds: 1 });
  }
  const { code, validation, statusCode = 500 } = error as Partial<FastifyError>;
  if (validation?.[0]) return validationError(error as FastifyError);
  const known = code === undefined ? undefined : codeOfFastifyError[code];
  const other = statusCode >= 400 && statusCode < 500 ? 'VAL_INVALID_REQUEST' : 'SYS_INTERNAL_ERROR';
  return new BednetError(known ?? other, { cause: error });
}

function validationError(error: FastifyError): BednetError {
  const { keyword, instancePath, params } = error.validation?.[0] ?? {};
  const field = String(params?.['missingProperty'] ?? instancePath?.slice(1).replaceAll('/', '.') ?? '');
  if (keyword === 'required') {
    return new BednetError('VAL_MISSING_FIELD', {
      cause: error,
      field,
      message: `The field ${field} is missing.`,
    });
  }
  if (field === '') {
    const message = `The request ${error.validationContext ?? 'body'} must be a JSON object.`;
    return new BednetError('VAL_INVALID_FORMAT', { cause: error, message });
  }
  const message = `The field ${field} has a wrong type, length or form.`;
  return new BednetError('VAL_INVALID_FORMAT', { cause: error, field, message });
}

function answerUnknown(
  methods: readonly string[],
  request: FastifyRequest,
  reply: FastifyReply,
  shape: ErrorShape,
) {
  if (methods.length === 0) return answerError(new BednetError('RES_NOT_FOUND'), request, reply, shape);
  reply.header('allow', methods.join(', '));
  return answerError(new BednetError('RES_METHOD_NOT_ALLOWED'), request, reply, shape);
}

function answerError(error: BednetError, request: FastifyRequest, reply: FastifyReply, shape: ErrorShape) {
  logFailure(error, request);
  const { status = error.status, mediaType, headers = {}, body } = shape(error, request);
  reply.header('cache-control', 'no-store');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  if (status === 401) reply.header('www-authenticate', challenge(error.code));
  if (mediaType !== undefined) reply.type(mediaType);
  return reply.headers(headers).status(status).send(body);
}

/** A fault of ours is told with its stack; a busy or broken neighbour in one line; a caller's fault in debug only. */
function logFailure({ code, status, cause, field, message }: BednetError, request: FastifyRequest): void {
  const { method } = request;
  const path = request.url.split('?', 1)[0];
  if (status === 500) request.log.error({ err: cause, code, method, path }, 'request failed');
  else if (status > 500) request.log.warn({ code, method, path, cause: (cause as Error)?.message }, message);
  else request.log.debug({ err: cause, code, field, method, path }, 'request refused');
}

function challenge(code: ErrorCode): string {
  return tokenCodes.includes(code) ? 'Bearer realm="bednet", error="invalid_token"' : 'Bearer realm="bednet"';
}
