import { confirmEnded } from '../../../core/leases/confirm-ended.ts';
import { revokeSession } from '../../../core/sessions/revoke-sessions.ts';
import { findSession } from '../../../core/sessions/session.ts';
import { readRenewalToken } from '../../../core/tokens/renewal-token.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import type { LookedAtToken } from './introspect.ts';

/**
 * Ends the session of a genuine token of either kind, however old. A token that we never made, or whose session has
 * ended, is no error (RFC 7009 2.2). `clientId` is undefined where the token's holder asks: who holds it could sign out.
 */
export async function revokeToken(
  { store, renewalKeys }: SessionContext,
  { text, access }: LookedAtToken,
  clientId: string | undefined,
  caller: Caller,
): Promise<void> {
  const sid = access?.sid ?? readRenewalToken(text, renewalKeys)?.sid;
  if (sid === undefined) return;
  const session = await findSession(store, sid);
  if (!session) return confirmEnded(store, { uid: sid }); // The Redis that knows none must be the one that counts.
  const { uid } = session;
  const reason = 'token-revoked';
  const actor = clientId === undefined ? uid : `client:${clientId}`;
  const isEnded = await revokeSession(store, sid, { uid, reason, actor });
  if (isEnded) caller.tell('session-ended', { uid, sid, reason, actor });
}
