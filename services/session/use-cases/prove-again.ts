import { findPasswordHash } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import { assertHashablePassword } from '../../core/passwords/policy.ts';
import { findSecondFactor } from '../../core/second-factor/authenticator.ts';
import { rotateSession } from '../../core/sessions/renew-session.ts';
import type { LiveSession, Session } from '../../core/sessions/session.ts';
import { stepUpSession } from '../../core/sessions/step-up.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { amrOf, checkCode } from './check-code.ts';
import { checkSecret } from './check-secret.ts';
import { requireFresh } from './require-fresh.ts';
import type { CodeMethod } from './second-factor-methods.ts';

/** What a signed-in person presents to prove again who they are. */
export interface Proof {
  password?: string | undefined;
  code?: string | undefined;
}

/**
 * Makes a session fresh by the password and, where a second factor is on, a code; its tokens rotate. Throws
 * AUTH_INVALID_CREDENTIALS, AUTH_MFA_REQUIRED, AUTH_MFA_INVALID.
 */
export async function stepUp(
  context: SessionContext,
  session: Session,
  { password, code }: Proof & { password: string },
  caller: Caller,
): Promise<LiveSession> {
  const { uid, sid } = session;
  await assertOwnPassword(context, session, password, caller);
  const { method } = await findSecondFactor(context.store, uid);
  const amr = ['pwd'];
  if (method !== 'none') amr.push(amrOf[await assertOwnCode(context, session, code, caller)]);
  if (!(await stepUpSession(context.store, sid, amr))) throw new BednetError('AUTH_TOKEN_REVOKED');
  caller.tell('step-up', { uid, sid });
  return rotate(context, session);
}

/** Throws AUTH_STEP_UP_REQUIRED unless the sign-in is fresh or the password comes along and is right. */
export async function requireFreshOrPassword(
  context: SessionContext,
  session: Session,
  password: string | undefined,
  caller: Caller,
): Promise<void> {
  if (password === undefined) requireFresh(context, session);
  else await assertOwnPassword(context, session, password, caller);
}

/**
 * As requireFreshOrPassword, but where a second factor is on the password needs a code beside it. Throws also
 * AUTH_MFA_REQUIRED, AUTH_MFA_INVALID.
 */
export async function requireFreshOrProof(
  context: SessionContext,
  session: Session,
  { password, code }: Proof,
  caller: Caller,
): Promise<void> {
  await requireFreshOrPassword(context, session, password, caller);
  if (password === undefined) return;
  const { method } = await findSecondFactor(context.store, session.uid);
  if (method !== 'none') await assertOwnCode(context, session, code, caller);
}

/** Throws AUTH_INVALID_CREDENTIALS unless the password is that of the session's account. */
export async function assertOwnPassword(
  context: SessionContext,
  { uid, sid, username }: Session,
  password: string,
  caller: Caller,
): Promise<void> {
  assertHashablePassword(password, 'password');
  const { store, hasher } = context;
  const check = async () => hasher.verify(password, await findPasswordHash(store, uid), caller.network);
  const { right } = await checkSecret(context, { kind: 'password', uid, login: username }, check, caller);
  if (right) return;
  caller.tell('step-up-failed', { uid, sid, reason: 'password' });
  const message = 'The password is not right.';
  throw new BednetError('AUTH_INVALID_CREDENTIALS', { field: 'password', message });
}

/** Uses up a code of the session's account. Throws AUTH_MFA_REQUIRED without one, AUTH_MFA_INVALID for a wrong one. */
export async function assertOwnCode(
  context: SessionContext,
  { uid, sid, username }: Session,
  code: string | undefined,
  caller: Caller,
): Promise<CodeMethod> {
  if (code === undefined) throw new BednetError('AUTH_MFA_REQUIRED', { field: 'code' });
  const method = await checkCode(context, { uid, username, code }, caller);
  if (method) return method;
  caller.tell('step-up-failed', { uid, sid, reason: 'code' });
  throw new BednetError('AUTH_MFA_INVALID', { field: 'code' });
}

/** Fresh tokens for a session that goes on. Throws AUTH_TOKEN_REVOKED if it was ended meanwhile. */
export async function rotate({ store, lives }: SessionContext, { sid }: Session): Promise<LiveSession> {
  const rotated = await rotateSession(store, sid, lives);
  if (!rotated) throw new BednetError('AUTH_TOKEN_REVOKED');
  return rotated;
}
