import { BednetError } from '../../core/errors.ts';
import { isId } from '../../core/ids.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import { revokeAllSessions, revokeSession } from '../../core/sessions/revoke-sessions.ts';
import { findSession, type Session } from '../../core/sessions/session.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import { readRenewalToken } from '../../core/tokens/renewal-token.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/** What somebody signs out with. */
export interface SignOut {
  token: PresentedToken | undefined;
  renewalToken: string | undefined;
}

/**
 * Signs out: ends the session of a genuine access token, however old, and that of a genuine renewal token if it is
 * another one. Signing out twice is no error (RFC 7009 2.2).
 */
export async function signOut(
  context: SessionContext,
  { token, renewalToken }: SignOut,
  caller: Caller,
): Promise<void> {
  if (token) await end(context, token, 'signed-out', caller);
  const other = renewalToken === undefined ? undefined : readRenewalToken(renewalToken, context.renewalKeys);
  if (other && other.sid !== token?.sid) await endBySid(context, other.sid, 'signed-out', caller);
}

/** Ends the session whose renewal token is overwritten in the cookie: nobody could renew it or sign it out. */
export function endOverwrittenSession(context: SessionContext, sid: string, caller: Caller): Promise<void> {
  return endBySid(context, sid, 'replaced', caller);
}

/** Ends the session that a new sign-in replaces on the same page (ASVS 7.2.4). */
export function endReplacedSession(
  context: SessionContext,
  replaced: Session,
  caller: Caller,
): Promise<void> {
  return end(context, replaced, 'replaced', caller);
}

/** Ends one session of an account, live or not. Throws RES_NOT_FOUND alike for unknown sids and other people's. */
export async function endOwnSession(
  context: SessionContext,
  owner: { uid: string; sid: string },
  caller: Caller,
): Promise<void> {
  const session = isId(owner.sid) ? await findSession(context.store, owner.sid) : undefined;
  if (session?.uid !== owner.uid) throw new BednetError('RES_NOT_FOUND');
  await end(context, session, 'ended-by-owner', caller);
}

/** Ends all sessions of an account but one, and every sign-in under way. Returns how many it ended. */
export async function endOtherSessions(
  context: SessionContext,
  kept: Session,
  caller: Caller,
): Promise<number> {
  const { uid, sid } = kept;
  const count = await revokeAllSessions(context.store, { uid, reason: 'ended-by-owner', actor: uid }, sid);
  caller.tell('other-sessions-ended', { uid, sid, count });
  return count;
}

/** Of a session that is not known there is nothing to end, if the Redis that says so is the one that counts. */
async function endBySid(context: SessionContext, sid: string, reason: string, caller: Caller): Promise<void> {
  const session = await findSession(context.store, sid);
  if (session) await end(context, session, reason, caller);
  else await confirmEnded(context.store, { uid: sid });
}

async function end(
  { store }: SessionContext,
  { uid, sid }: { uid: string; sid: string },
  reason: string,
  caller: Caller,
): Promise<void> {
  const ended = await revokeSession(store, sid, { uid, reason, actor: uid });
  if (ended) caller.tell('session-ended', { uid, sid, reason });
}
