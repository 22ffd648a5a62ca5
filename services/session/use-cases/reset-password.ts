import { findAccount, findPasswordHash, type Account } from '../../core/accounts/account.ts';
import { changeCredential } from '../../core/accounts/change-credential.ts';
import {
  isMailedTokenGood,
  readMailedToken,
  useMailedToken,
  type PresentedMailedToken,
} from '../../core/accounts/mailed-token.ts';
import { BednetError } from '../../core/errors.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { assertFitPassword } from './fit-password.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * Sets a new password by a mailed token, ends all sessions and lifts the delay after wrong passwords. It signs nobody in
 * and leaves the second factor as it is. The token is used up last, so an unfit password or a busy service costs
 * nothing. Throws AUTH_INVALID_TOKEN, VAL_PASSWORD_*, SYS_BUSY.
 */
export async function resetPassword(
  context: SessionContext,
  reset: { token: string; newPassword: string },
  caller: Caller,
): Promise<void> {
  const { store, hasher } = context;
  assertHashablePassword(reset.newPassword, 'new_password');
  const { account, token } = await getResetToken(context, reset.token, caller);
  const { uid } = account;
  assertFitPassword(context, reset.newPassword, account, 'new_password');
  await assertOtherPassword(context, uid, reset.newPassword, caller);
  const passwordHash = await hasher.hash(reset.newPassword, caller.network);
  if (!(await useMailedToken(store, token))) throw refuse(caller, 'used', uid);
  const isChanged = await changeCredential(store, {
    uid,
    checked: { field: '', value: '' },
    fields: { passwordHash },
    keepSid: '',
    reason: 'password-reset',
    actor: uid,
  });
  if (!isChanged) throw refuse(caller, 'account', uid);
  await context.guesses.lift(uid, 'password');
  await context.guesses.forgetNetworks(uid);
  caller.tell('password-reset', { uid });
  tellOwner(context, account, { kind: 'password-changed', values: {} });
}

/** Throws VAL_PASSWORD_UNCHANGED if the password is the one that the account has. */
export async function assertOtherPassword(
  { store, hasher }: SessionContext,
  uid: string,
  newPassword: string,
  caller: Caller,
): Promise<void> {
  const isSame = await hasher.verify(newPassword, await findPasswordHash(store, uid), caller.network);
  if (isSame) throw new BednetError('VAL_PASSWORD_UNCHANGED', { field: 'new_password' });
}

async function getResetToken(
  { store }: SessionContext,
  text: string,
  caller: Caller,
): Promise<{ account: Account; token: PresentedMailedToken }> {
  const read = readMailedToken(text);
  const account = read && (await findAccount(store, read.uid));
  if (!account) throw refuse(caller, 'malformed');
  const token: PresentedMailedToken = { ...read, purpose: 'reset', address: account.email };
  if (account.state !== 'active') throw refuse(caller, 'disabled', account.uid);
  if (!(await isMailedTokenGood(store, token))) throw refuse(caller, 'token', account.uid);
  return { account, token };
}

function refuse(caller: Caller, reason: string, uid?: string): BednetError {
  caller.tell('password-reset-failed', { reason, ...(uid && { uid }) });
  return new BednetError('AUTH_INVALID_TOKEN', { field: 'token' });
}
