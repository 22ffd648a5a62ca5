import type { Account } from '../../../core/accounts/account.ts';
import { issueMailedToken, mailedTokenSeconds } from '../../../core/accounts/mailed-token.ts';
import { requirePasswordChange } from '../../../core/accounts/require-password-change.ts';
import { BednetError } from '../../../core/errors.ts';
import { findSecondFactor, removeSecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { SessionContext } from '../../session-context.ts';
import { sendTo, tellOwner } from '../tell-owner.ts';
import { getManagedAccount, tell, type Admin } from './admin.ts';

const attempts = 3;

/** Lifts the delays, and the disablement, that wrong tries have brought on an account. Throws RES_NOT_FOUND. */
export async function unlock(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  await getManagedAccount(context, admin, uid);
  const { guesses } = context;
  await Promise.all([
    guesses.lift(uid, 'password'),
    guesses.lift(uid, 'second-factor'),
    guesses.lift(uid, 'backup-code'),
    guesses.lift(uid, 'mail-code'),
  ]);
  tell(admin, 'account-unlocked', { uid });
}

/** Asks for a new password at the next sign-in and ends all sessions. Throws RES_NOT_FOUND. */
export async function forcePasswordChange(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  await getManagedAccount(context, admin, uid);
  if (!(await requirePasswordChange(context.store, { uid, actor: admin.session.uid }))) {
    throw new BednetError('RES_NOT_FOUND');
  }
  tell(admin, 'password-change-required', { uid });
}

/**
 * Takes the second factor from an account whose owner has lost it, ends all its sessions and tells the owner by mail.
 * False if there was none. Throws RES_NOT_FOUND, SYS_BUSY.
 */
export async function removeFactor(context: SessionContext, admin: Admin, uid: string): Promise<boolean> {
  const account = await getManagedAccount(context, admin, uid);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { method, totpSecret } = await findSecondFactor(context.store, uid);
    if (method === 'none') return false;
    const removal = { uid, totpSecret, keepSid: '', actor: admin.session.uid };
    if (!(await removeSecondFactor(context.store, removal))) continue;
    tell(admin, 'second-factor-removed', { uid });
    tellOwner(context, account, { kind: 'second-factor-changed', values: { change: 'removed-by-admin' } });
    return true;
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

/**
 * Mails the owner a link for a new password; nobody else sees it, or the password (ASVS 6.4.6). Throws RES_NOT_FOUND,
 * and RES_MAIL_IMPOSSIBLE if there is no address, no way to send, or the account is disabled.
 */
export async function startReset(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  const account = await getManagedAccount(context, admin, uid);
  assertMailable(context, account);
  const { username, email: address } = account;
  const token = await issueMailedToken(context.store, { purpose: 'reset', uid, address });
  const values = { username, token, validForSeconds: mailedTokenSeconds.reset };
  sendTo(context, account, { kind: 'reset-by-admin', values });
  tell(admin, 'password-reset-asked', { uid });
}

function assertMailable({ mailer }: SessionContext, { email, state }: Account): void {
  if (!mailer || email === '' || state !== 'active') throw new BednetError('RES_MAIL_IMPOSSIBLE');
}
