import { revokeAllSessions } from '../../core/sessions/revoke-sessions.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/** Signs out everywhere: ends all sessions of an account and every sign-in under way, but no API key. */
export async function signOutEverywhere(
  { store }: SessionContext,
  { uid, sid }: Session,
  caller: Caller,
): Promise<void> {
  const count = await revokeAllSessions(store, { uid, reason: 'signed-out', actor: uid });
  caller.tell('all-sessions-ended', { uid, sid, count });
}
