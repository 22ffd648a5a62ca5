import { findAccount, findPasswordHash } from '../../core/accounts/account.ts';
import { changePasswordHash } from '../../core/accounts/change-password.ts';
import { BednetError } from '../../core/errors.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import { rotateSession } from '../../core/sessions/renew-session.ts';
import type { LiveSession, Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { checkSecret } from './check-secret.ts';
import { assertFitPassword } from './fit-password.ts';
import { requireFresh } from './require-fresh.ts';
import { tellOwner } from './tell-owner.ts';

/** Both passwords of a change. */
export interface PasswordChange {
  /** Undefined where a fresh sign-in is to stand for it. */
  currentPassword: string | undefined;
  newPassword: string;
}

/**
 * Changes the password, ends all other sessions in the same step, and rotates the tokens of this one. Its old renewal
 * token is then the parent: a client that ignores the new pair goes on as after a lost response.
 * Throws AUTH_INVALID_CREDENTIALS for a wrong current password or after too many, AUTH_STEP_UP_REQUIRED where there is none
 * and the sign-in is not fresh, RATE_LIMIT_EXCEEDED, VAL_PASSWORD_* for an unfit new one.
 */
export async function changePassword(
  context: SessionContext,
  session: Session,
  change: PasswordChange,
  caller: Caller,
): Promise<LiveSession> {
  const { store, hasher, lives } = context;
  const { uid, sid } = session;
  const { currentPassword } = change;
  if (currentPassword === undefined) requireFresh(context, session);
  else assertHashablePassword(currentPassword, 'current_password');
  const [account, checkedHash] = await Promise.all([findAccount(store, uid), findPasswordHash(store, uid)]);
  const owner = { username: session.username, email: account?.email, roles: session.roles };
  await assertFitPassword(context, change.newPassword, owner, 'new_password');
  if (currentPassword !== undefined) {
    const check = () => hasher.verify(currentPassword, checkedHash, caller.network);
    const secret = { kind: 'password', uid, login: session.username } as const;
    if (!(await checkSecret(context, secret, check, caller)).right) throw wrongPassword(session, caller);
  }

  const newHash = await hasher.hash(change.newPassword, caller.network);
  const changed = { uid, checkedHash: checkedHash ?? '', newHash, keepSid: sid, actor: uid };
  if (!(await changePasswordHash(store, changed))) throw wrongPassword(session, caller);
  caller.tell('password-changed', { uid, sid });
  if (account) tellOwner(context, account, { kind: 'password-changed', values: {} });

  const rotated = await rotateSession(store, sid, lives);
  if (!rotated) throw new BednetError('AUTH_TOKEN_REVOKED');
  return rotated;
}

function wrongPassword({ uid, sid }: Session, caller: Caller): BednetError {
  caller.tell('password-change-failed', { uid, sid, reason: 'password' });
  const message = 'The current password is not right.';
  return new BednetError('AUTH_INVALID_CREDENTIALS', { field: 'current_password', message });
}
