import { findAccount, findPasswordHash } from '../../core/accounts/account.ts';
import { changePasswordHash } from '../../core/accounts/change-password.ts';
import { BednetError } from '../../core/errors.ts';
import { contextWordsOf } from '../../core/passwords/context-words.ts';
import { assertHashablePassword, assertNewPassword } from '../../core/passwords/policy.ts';
import { rotateSession } from '../../core/sessions/renew-session.ts';
import type { LiveSession, Session } from '../../core/sessions/session.ts';
import { productName, type Caller, type SessionContext } from '../session-context.ts';

/** Both passwords of a change. */
export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
}

/**
 * Changes the password, ends all other sessions in the same step, and rotates the tokens of this one. Its old renewal
 * token is then the parent: a client that ignores the new pair goes on as after a lost response.
 * Throws AUTH_INVALID_CREDENTIALS for a wrong current password, VAL_PASSWORD_* for an unfit new one.
 */
export async function changePassword(
  context: SessionContext,
  session: Session,
  change: PasswordChange,
  caller: Caller,
): Promise<LiveSession> {
  const { store, hasher, lives, passwordMinLength } = context;
  const { uid, sid } = session;
  assertHashablePassword(change.currentPassword, 'current_password');
  const [account, checkedHash] = await Promise.all([findAccount(store, uid), findPasswordHash(store, uid)]);
  const contextWords = contextWordsOf({ username: session.username, email: account?.email, productName });
  assertNewPassword(change.newPassword, {
    minCodePoints: passwordMinLength,
    contextWords,
    field: 'new_password',
  });
  if (!(await hasher.verify(change.currentPassword, checkedHash))) throw wrongPassword(session, caller);

  const newHash = await hasher.hash(change.newPassword);
  const changed = { uid, checkedHash: checkedHash ?? '', newHash, keepSid: sid, actor: uid };
  if (!(await changePasswordHash(store, changed))) throw wrongPassword(session, caller);
  caller.tell('password-changed', { uid, sid });

  const rotated = await rotateSession(store, sid, lives);
  if (!rotated) throw new BednetError('AUTH_TOKEN_REVOKED');
  return rotated;
}

function wrongPassword({ uid, sid }: Session, caller: Caller): BednetError {
  caller.tell('password-change-failed', { uid, sid, reason: 'password' });
  const message = 'The current password is not right.';
  return new BednetError('AUTH_INVALID_CREDENTIALS', { field: 'current_password', message });
}
