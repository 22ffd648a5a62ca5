import type { Account } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { renewGeneration } from './renew.ts';

/**
 * Renews a session by an access token in time whose dialect made it renewable. The token of generation g counts exactly
 * as the renewal token of g does: the newest one rotates, its parent converges while the answer may have been lost,
 * and an older one is reuse and ends the session. So a stolen token that is renewed by the thief throws the thief out
 * as soon as its owner's page renews. Throws AUTH_INVALID_TOKEN for a token of another dialect; else as renew.
 */
export async function renewByAccessToken(
  context: SessionContext,
  token: PresentedToken,
  caller: Caller,
): Promise<{ account: Account; session: LiveSession }> {
  const { uid, sid, generation, isRenewable } = token;
  if (!isRenewable) {
    caller.tell('renewal-refused', { uid, sid, reason: 'not-renewable' });
    throw new BednetError('AUTH_INVALID_TOKEN');
  }
  return renewGeneration(context, { sid, generation }, caller);
}
