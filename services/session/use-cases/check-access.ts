import type { ErrorCode } from '../../contract/error-codes.ts';
import { lacksSecondFactor } from '../../core/accounts/permissions.ts';
import { BednetError } from '../../core/errors.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import { findEnding } from '../../core/sessions/ending.ts';
import { markUsed } from '../../core/sessions/mark-used.ts';
import { findSession, isLive, type Session } from '../../core/sessions/session.ts';
import { isInTime, type PresentedToken } from '../../core/tokens/access-token-claims.ts';
import type { Caller, SessionContext } from '../session-context.ts';

type AccessContext = Pick<SessionContext, 'store' | 'rules'>;

/**
 * The live session of a genuine access token, by Redis' clock and state, in one round trip. Throws AUTH_TOKEN_EXPIRED,
 * AUTH_TOKEN_REVOKED, AUTH_SESSION_EXPIRED (also where a role demands a second factor that the session lacks) or
 * AUTH_INVALID_TOKEN, which is also for the token of an API key unless those are accepted here: what such a key may do is
 * named, never taken for granted.
 */
export async function checkAccess(
  context: AccessContext,
  token: PresentedToken,
  caller: Caller,
  { acceptsApiKeys = false }: { acceptsApiKeys?: boolean | undefined } = {},
): Promise<Session> {
  const { sid, uid, generation } = token;
  const { session, fault } = await lookAt(context, token);
  if (!session || fault) {
    caller.tell('access-refused', { uid, sid, reason: fault?.reason ?? fault?.code ?? 'unknown' });
    throw new BednetError(fault?.code ?? 'AUTH_INVALID_TOKEN', await endingFor(context, sid, fault?.code));
  }
  if (session.apiKey !== undefined && !acceptsApiKeys) {
    caller.tell('access-refused', { uid, sid, reason: 'api-key' });
    throw new BednetError('AUTH_INVALID_TOKEN');
  }
  await markUsed(context.store, sid, session, generation);
  return session;
}

/** The holder of a genuine token may know how its session ended. */
async function endingFor({ store }: AccessContext, sid: string, code: ErrorCode | undefined) {
  return code === 'AUTH_TOKEN_REVOKED' ? { ended: await findEnding(store, sid) } : {};
}

/** As checkAccess, for a token that came along where none is needed: undefined instead of an error. */
export async function findAccess(
  context: AccessContext,
  token: PresentedToken,
): Promise<Session | undefined> {
  const { session, fault } = await lookAt(context, token);
  return fault ? undefined : session;
}

/** Asks for session and rules at the same time: one round trip, unless the rules are new. */
async function lookAt(
  { store, rules }: AccessContext,
  token: PresentedToken,
): Promise<{ session?: Session | undefined; fault?: { code: ErrorCode; reason?: string } | undefined }> {
  const [session, inForce] = await Promise.all([
    findSession(store, token.sid),
    readRolesInForce(store, rules),
  ]);
  const code = faultOf(token, session);
  if (code) return { session, fault: { code } };
  if (!session || !lacksSecondFactor(session, inForce)) return { session };
  return { session, fault: { code: 'AUTH_SESSION_EXPIRED', reason: 'second-factor-missing' } };
}

/** What is wrong with using a token now, or undefined. A session that Redis does not know grants nothing. */
function faultOf(token: PresentedToken, session: Session | undefined): ErrorCode | undefined {
  if (!session || session.uid !== token.uid || token.generation > session.generation)
    return 'AUTH_INVALID_TOKEN';
  if (!isInTime(token, session.nowMs)) {
    return token.expiresAtSeconds * 1000 <= session.nowMs ? 'AUTH_TOKEN_EXPIRED' : 'AUTH_INVALID_TOKEN';
  }
  if (session.state !== 'active') return 'AUTH_TOKEN_REVOKED';
  return isLive(session) ? undefined : 'AUTH_SESSION_EXPIRED';
}
