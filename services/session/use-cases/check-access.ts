import type { ErrorCode } from '../../contract/error-codes.ts';
import { BednetError } from '../../core/errors.ts';
import type { Store } from '../../core/redis/store.ts';
import { markUsed } from '../../core/sessions/mark-used.ts';
import { findSession, isLive, type Session } from '../../core/sessions/session.ts';
import { isInTime, type PresentedToken } from '../../core/tokens/access-token-claims.ts';
import type { Caller } from '../session-context.ts';

/**
 * The live session of a genuine access token, by Redis' clock and state, in one round trip. Throws AUTH_TOKEN_EXPIRED,
 * AUTH_TOKEN_REVOKED, AUTH_SESSION_EXPIRED or AUTH_INVALID_TOKEN.
 */
export async function checkAccess(store: Store, token: PresentedToken, caller: Caller): Promise<Session> {
  const { sid, uid, generation } = token;
  const session = await findSession(store, sid);
  const fault = faultOf(token, session);
  if (!session || fault) {
    caller.tell('access-refused', { uid, sid, reason: fault ?? 'unknown' });
    throw new BednetError(fault ?? 'AUTH_INVALID_TOKEN');
  }
  await markUsed(store, sid, session, generation);
  return session;
}

/** As checkAccess, for a token that came along where none is needed: undefined instead of an error. */
export async function findAccess(store: Store, token: PresentedToken): Promise<Session | undefined> {
  const session = await findSession(store, token.sid);
  return faultOf(token, session) ? undefined : session;
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
