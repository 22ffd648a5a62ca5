import { setAccountFields } from '../../core/accounts/set-account-fields.ts';
import { BednetError } from '../../core/errors.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { completeStep, getPendingStep, type SignInResult } from './pending-sign-in.ts';

/**
 * Notes that the owner of an account accepts the terms in force, and goes on with the sign-in that waits for it. Throws
 * VAL_INVALID_FORMAT for another version, AUTH_INVALID_TOKEN, AUTH_SESSION_EXPIRED, AUTH_MFA_REQUIRED.
 */
export async function acceptTerms(
  context: SessionContext,
  { tempToken, version }: { tempToken: string; version: string },
  caller: Caller,
): Promise<SignInResult> {
  const { pending, account } = await getPendingStep(context, tempToken, 'terms');
  const { termsVersion } = context.accounts;
  if (version !== termsVersion) {
    const message = 'The terms in force have another version. Read them again.';
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'version', message });
  }
  const { uid } = account;
  if (!(await setAccountFields(context.store, uid, { termsVersion }))) {
    throw new BednetError('AUTH_SESSION_EXPIRED');
  }
  caller.tell('terms-accepted', { uid, reason: termsVersion });
  return completeStep(context, pending.sid, { step: 'terms' }, caller);
}
