import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BednetError } from '../../core/errors.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import { bearerToken } from '../../plugins/bearer-token.ts';
import { callerOf, type SessionContext } from '../session-context.ts';
import { checkAccess } from '../use-cases/check-access.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the token of an API key counts here. */
    acceptsApiKeys?: boolean;
  }
  interface FastifyRequest {
    signedInSession: Session | undefined;
  }
}

/** Lets only live sessions into this scope, before the body is read. Throws AUTH_* otherwise. */
export function requireSession(app: FastifyInstance, context: SessionContext): void {
  app.decorateRequest('signedInSession', undefined);
  app.addHook('onRequest', (request) => admit(app, request, context));
}

/** Lets the holder of a live session in, for `sessionOf`. Throws AUTH_* otherwise. */
export async function admit(
  app: FastifyInstance,
  request: FastifyRequest,
  context: SessionContext,
): Promise<void> {
  const token = await getPresentedToken(app, request);
  request.signedInSession = await checkAccess(context, token, callerOf(request), request.routeOptions.config);
}

/** The session that `requireSession` let in. */
export function sessionOf(request: FastifyRequest): Session {
  if (!request.signedInSession) throw new TypeError('this route is outside the signed-in scope');
  return request.signedInSession;
}

/** The genuine token of a request. Throws AUTH_UNAUTHORIZED without one, AUTH_INVALID_TOKEN for any other. */
export async function getPresentedToken(
  app: FastifyInstance,
  request: FastifyRequest,
): Promise<PresentedToken> {
  const text = bearerToken(request);
  if (text === undefined) throw new BednetError('AUTH_UNAUTHORIZED');
  const token = await app.verifyAccessToken(request, text);
  if (token) return token;
  callerOf(request).tell('access-refused', { reason: 'token' });
  throw new BednetError('AUTH_INVALID_TOKEN');
}
