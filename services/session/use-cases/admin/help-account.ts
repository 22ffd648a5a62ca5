import type { Account } from '../../../core/accounts/account.ts';
import { unlockAccount } from '../../../core/accounts/lock-account.ts';
import { issueMailedToken, mailedTokenSeconds } from '../../../core/accounts/mailed-token.ts';
import { requirePasswordChange } from '../../../core/accounts/require-password-change.ts';
import { BednetError } from '../../../core/errors.ts';
import { liftDelays } from '../../../core/guessing/lift-delays.ts';
import { confirmEnded } from '../../../core/leases/confirm-ended.ts';
import { findSecondFactor, removeSecondFactor } from '../../../core/second-factor/authenticator.ts';
import type { SessionContext } from '../../session-context.ts';
import { sendTo, tellOwner } from '../tell-owner.ts';
import { getPresentAccount, tell, type Admin } from './admin.ts';

const attempts = 3;

/**
 * Lifts the delays, and the disablement, that wrong tries have brought on an account, and the lock of an operator. No
 * ended session comes back. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED.
 */
export async function unlock(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  await getPresentAccount(context, admin, uid);
  await liftDelays(context.store, uid);
  await unlockAccount(context.store, { uid, reason: 'unlocked', actor: admin.session.uid });
  tell(admin, 'account-unlocked', { uid });
}

/** Asks for a new password at the next sign-in and ends all sessions. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED. */
export async function forcePasswordChange(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  await getPresentAccount(context, admin, uid);
  if (!(await requirePasswordChange(context.store, { uid, actor: admin.session.uid }))) {
    throw new BednetError('RES_NOT_FOUND');
  }
  tell(admin, 'password-change-required', { uid });
}

/**
 * Takes the second factor from an account whose owner has lost it, ends all its sessions and tells the owner by mail.
 * False if there was none, which is confirmed as well. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED, SYS_BUSY.
 */
export async function removeFactor(context: SessionContext, admin: Admin, uid: string): Promise<boolean> {
  const account = await getPresentAccount(context, admin, uid);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { method, totpSecret } = await findSecondFactor(context.store, uid);
    if (method === 'none') {
      await confirmEnded(context.store, { uid });
      return false;
    }
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
 * RES_ACCOUNT_DELETED, and RES_MAIL_IMPOSSIBLE if there is no address, no way to send, or the account is disabled.
 */
export async function startReset(context: SessionContext, admin: Admin, uid: string): Promise<void> {
  const account = await getPresentAccount(context, admin, uid);
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
