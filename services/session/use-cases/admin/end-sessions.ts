import { BednetError } from '../../../core/errors.ts';
import { endAllSessions, type EndAllProgress } from '../../../core/sessions/end-all-sessions.ts';
import { revokeSessionsAndApiKeys, revokeSession } from '../../../core/sessions/revoke-sessions.ts';
import { findSession } from '../../../core/sessions/session.ts';
import type { SessionContext } from '../../session-context.ts';
import { getManagedAccount, tell, type Admin, type ReasonGiven } from './admin.ts';

/** Ends one session of anybody; false if it was not live any more. Throws RES_NOT_FOUND. */
export async function endSession(
  context: SessionContext,
  admin: Admin,
  { sid, reason }: ReasonGiven & { sid: string },
): Promise<boolean> {
  const session = await findSession(context.store, sid);
  if (!session) throw new BednetError('RES_NOT_FOUND');
  const { uid } = await getManagedAccount(context, admin, session.uid);
  const isEnded = await revokeSession(context.store, sid, { uid, reason, actor: admin.session.uid });
  if (isEnded) tell(admin, 'session-ended', { uid, sid, reason });
  return isEnded;
}

/** Ends all sessions of an account, and every sign-in under way. Returns how many. Throws RES_NOT_FOUND. */
export async function endSessionsOf(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: ReasonGiven & { uid: string },
): Promise<number> {
  await getManagedAccount(context, admin, uid);
  const count = await revokeSessionsAndApiKeys(context.store, { uid, reason, actor: admin.session.uid });
  tell(admin, 'all-sessions-ended', { uid, reason, count });
  return count;
}

/**
 * One step of ending everybody's sessions but the admin's own. Whoever may do that needs no permission for each account.
 */
export async function endEverybodysSessions(
  { store }: SessionContext,
  admin: Admin,
  { cursor, reason }: ReasonGiven & { cursor: string },
): Promise<EndAllProgress> {
  const { uid, sid } = admin.session;
  const progress = await endAllSessions(store, { cursor, kept: { uid, sid }, reason, actor: uid });
  const { accounts, sessions } = progress;
  tell(admin, 'everybodys-sessions-ended', { reason: `${reason}: ${sessions} of ${accounts} accounts` });
  return progress;
}
