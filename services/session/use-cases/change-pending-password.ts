import { findPasswordHash } from '../../core/accounts/account.ts';
import { changePasswordHash } from '../../core/accounts/change-password.ts';
import { BednetError } from '../../core/errors.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { assertFitPassword } from './fit-password.ts';
import { completeStep, getPendingStep, type SignInResult } from './pending-sign-in.ts';
import { assertOtherPassword } from './reset-password.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * Gives an account the new password that its sign-in waits for, ends all its sessions, and goes on with the sign-in.
 * Throws AUTH_INVALID_TOKEN, AUTH_SESSION_EXPIRED, AUTH_MFA_REQUIRED, VAL_PASSWORD_*.
 */
export async function changePendingPassword(
  context: SessionContext,
  { tempToken, newPassword }: { tempToken: string; newPassword: string },
  caller: Caller,
): Promise<SignInResult> {
  const { store, hasher } = context;
  assertHashablePassword(newPassword, 'new_password');
  const { pending, account } = await getPendingStep(context, tempToken, 'password-change');
  const { uid } = account;
  await assertFitPassword(context, newPassword, account, 'new_password');
  const checkedHash = (await findPasswordHash(store, uid)) ?? '';
  // Once more, now that the hash is read: a parallel change has moved the epoch, or else it will move the hash.
  await getPendingStep(context, tempToken, 'password-change');
  await assertOtherPassword(context, uid, newPassword, caller);
  const newHash = await hasher.hash(newPassword, caller.network);
  const change = { uid, checkedHash, newHash, keepSid: '', actor: uid };
  if (!(await changePasswordHash(store, change))) throw new BednetError('AUTH_SESSION_EXPIRED');
  caller.tell('password-changed', { uid });
  tellOwner(context, account, { kind: 'password-changed', values: {} });
  return completeStep(context, pending.sid, { step: 'password-change', isOwnChange: true }, caller);
}
