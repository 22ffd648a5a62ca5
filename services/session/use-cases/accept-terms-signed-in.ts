import { setAccountFields } from '../../core/accounts/set-account-fields.ts';
import { BednetError } from '../../core/errors.ts';
import type { Caller, SessionContext } from '../session-context.ts';

/** The version of the terms in force. Throws RES_NOT_FOUND where there are none. */
export function getTermsInForce({ accounts }: SessionContext): string {
  if (accounts.termsVersion === '') throw new BednetError('RES_NOT_FOUND');
  return accounts.termsVersion;
}

/** Notes that a signed-in person accepts the terms in force, once more maybe. Throws RES_NOT_FOUND where there are none. */
export async function acceptTermsSignedIn(
  context: SessionContext,
  { uid, sid }: { uid: string; sid: string },
  caller: Caller,
): Promise<void> {
  const termsVersion = getTermsInForce(context);
  if (!(await setAccountFields(context.store, uid, { termsVersion }))) {
    throw new BednetError('AUTH_TOKEN_REVOKED');
  }
  caller.tell('terms-accepted', { uid, sid, reason: termsVersion });
}
