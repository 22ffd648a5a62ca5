import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BednetError } from '../../../core/errors.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { PresentedToken } from '../../../core/tokens/access-token-claims.ts';
import { readPendingJwt } from '../../../core/tokens/pending-jwt.ts';
import { issuePendingToken } from '../../../core/tokens/pending-token.ts';
import { readRenewalToken } from '../../../core/tokens/renewal-token.ts';
import { callerOf, type SessionContext } from '../../session-context.ts';
import { checkAccess } from '../../use-cases/check-access.ts';
import { findPendingSignIn, type PendingSignIn } from '../../use-cases/stepwise-sign-in.ts';
import { sessionRolesOf, signInRoles } from './roles.ts';

/** Who holds the token of a request, and with which roles: a pending sign-in, a session, or a renewal token. */
export type Holder =
  | { kind: 'pending'; tempToken: string; pending: PendingSignIn; roles: readonly string[] }
  | { kind: 'session'; session: Session; token: PresentedToken; roles: readonly string[] }
  | { kind: 'renewal'; renewalToken: string; roles: readonly string[] };

const exactly = /^Bearer (\S+)$/;

/**
 * Who holds the token in the Authorization header, which must begin with exactly `Bearer `. Throws AUTH_UNAUTHORIZED,
 * AUTH_INVALID_TOKEN, AUTH_TOKEN_* or AUTH_SESSION_EXPIRED.
 */
export async function findHolder(
  app: FastifyInstance,
  request: FastifyRequest,
  context: SessionContext,
): Promise<Holder> {
  const text = towerBearer(request);
  if (text === undefined) throw new BednetError('AUTH_UNAUTHORIZED');
  const claims = readPendingJwt(text, context.renewalKeys);
  if (claims) return findPending(context, claims);
  if (readRenewalToken(text, context.renewalKeys)) {
    return { kind: 'renewal', renewalToken: text, roles: [signInRoles.firstFactor] };
  }
  const token = await app.verifyAccessToken(request, text);
  if (!token) {
    callerOf(request).tell('access-refused', { reason: 'token' });
    throw new BednetError('AUTH_INVALID_TOKEN');
  }
  const session = await checkAccess(context, token, callerOf(request), { acceptsApiKeys: true });
  return { kind: 'session', session, token, roles: sessionRolesOf(session) };
}

/** The bearer token of a request, or undefined. */
export function towerBearer(request: FastifyRequest): string | undefined {
  return exactly.exec(request.headers.authorization ?? '')?.[1];
}

async function findPending(
  context: SessionContext,
  { sid, roles }: { sid: string; roles: readonly string[] },
): Promise<Holder> {
  const [key] = context.renewalKeys;
  if (!key) throw new TypeError('there is no renewal key');
  const tempToken = issuePendingToken(sid, key);
  const pending = await findPendingSignIn(context, tempToken);
  if (!pending) throw new BednetError('AUTH_SESSION_EXPIRED');
  return { kind: 'pending', tempToken, pending, roles };
}
