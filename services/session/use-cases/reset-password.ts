import { findAccount, findPasswordHash, type Account } from '../../core/accounts/account.ts';
import { changeCredential } from '../../core/accounts/change-credential.ts';
import {
  confirmUse,
  isMailedTokenGood,
  isUseUnconfirmed,
  noteUnconfirmedUse,
  readMailedToken,
  useMailedToken,
  type PresentedMailedToken,
} from '../../core/accounts/mailed-token.ts';
import { BednetError } from '../../core/errors.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { checkSecret } from './check-secret.ts';
import { assertFitPassword } from './fit-password.ts';
import { tellOwner } from './tell-owner.ts';

/** A password that a mailed token is to bring. */
interface Reset {
  account: Account;
  token: PresentedMailedToken;
  newPassword: string;
}

/**
 * Sets a new password by a mailed token, ends all sessions and lifts the delay after wrong passwords. It signs nobody in
 * and leaves the second factor as it is. The token is used up last, so an unfit password or a busy service costs
 * nothing; and where it was used up by a change that could not be confirmed (SYS_NOT_DURABLE), the same token with the
 * same password confirms it. Throws AUTH_INVALID_TOKEN, VAL_PASSWORD_*, SYS_BUSY, SYS_NOT_DURABLE.
 */
export async function resetPassword(
  context: SessionContext,
  { token: text, newPassword }: { token: string; newPassword: string },
  caller: Caller,
): Promise<void> {
  assertHashablePassword(newPassword, 'new_password');
  const { account, token, isUsed } = await getResetToken(context, text, caller);
  const reset = { account, token, newPassword };
  if (isUsed) await confirmReset(context, reset, caller);
  else await setPassword(context, reset, caller);
  const { uid } = account;
  await context.guesses.lift(uid, 'password');
  await context.guesses.forgetNetworks(uid);
  caller.tell('password-reset', { uid });
  tellOwner(context, account, { kind: 'password-changed', values: {} });
}

async function setPassword(
  context: SessionContext,
  { account, token, newPassword }: Reset,
  caller: Caller,
): Promise<void> {
  const { store, hasher } = context;
  const { uid } = account;
  await assertFitPassword(context, newPassword, account, 'new_password');
  await assertOtherPassword(context, uid, newPassword, caller);
  const passwordHash = await hasher.hash(newPassword, caller.network);
  if (!(await useMailedToken(store, token))) throw refuse(caller, 'used', uid);
  const change = {
    uid,
    checked: { field: '', value: '' },
    fields: { passwordHash },
    keepSid: '',
    actor: uid,
  };
  try {
    const isChanged = await changeCredential(store, { ...change, reason: 'password-reset' });
    if (!isChanged) throw refuse(caller, 'account', uid);
  } catch (fault) {
    const isOpen = fault instanceof BednetError && fault.code === 'SYS_NOT_DURABLE';
    if (isOpen) await noteUnconfirmedUse(store, token);
    throw fault;
  }
}

/** A try at the password like any other: the link must be no way to guess it. */
async function confirmReset(
  context: SessionContext,
  { account, token, newPassword }: Reset,
  caller: Caller,
): Promise<void> {
  const { store, hasher } = context;
  const { uid, username } = account;
  const check = async () => hasher.verify(newPassword, await findPasswordHash(store, uid), caller.network);
  const secret = { kind: 'password', uid, login: username } as const;
  if (!(await checkSecret(context, secret, check, caller)).right) throw refuse(caller, 'used', uid);
  await confirmEnded(store, { uid });
  if (!(await confirmUse(store, token))) throw refuse(caller, 'used', uid);
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
): Promise<{ account: Account; token: PresentedMailedToken; isUsed: boolean }> {
  const read = readMailedToken(text);
  const account = read && (await findAccount(store, read.uid));
  if (!account) throw refuse(caller, 'malformed');
  const token: PresentedMailedToken = { ...read, purpose: 'reset', address: account.email };
  if (account.state !== 'active') throw refuse(caller, 'disabled', account.uid);
  if (await isMailedTokenGood(store, token)) return { account, token, isUsed: false };
  if (await isUseUnconfirmed(store, token)) return { account, token, isUsed: true };
  throw refuse(caller, 'token', account.uid);
}

function refuse(caller: Caller, reason: string, uid?: string): BednetError {
  caller.tell('password-reset-failed', { reason, ...(uid && { uid }) });
  return new BednetError('AUTH_INVALID_TOKEN', { field: 'token' });
}
