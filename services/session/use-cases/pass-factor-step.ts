import { randomInt } from 'node:crypto';
import { BednetError } from '../../core/errors.ts';
import { findSecondsLeft, keepMailTag, takeAttempt } from '../../core/pending/pending-session.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { confirmAtSignIn } from './enrol-second-factor.ts';
import { amrOf, checkCode, mailTagOf } from './check-code.ts';
import { completeStep, findStepsLeft, getPendingStep, type SignInResult } from './pending-sign-in.ts';
import { canMailCode } from './second-factor-methods.ts';
import { sendTo } from './tell-owner.ts';

/** Passes the second factor of a sign-in, or the enrolment that it waits for. Throws as `completeSecondFactor`. */
export async function passFactorStep(
  context: SessionContext,
  presented: { tempToken: string; code: string },
  caller: Caller,
): Promise<SignInResult> {
  const steps = await findStepsLeft(context, presented.tempToken);
  const pass = steps.includes('second-factor-setup') ? confirmAtSignIn : completeSecondFactor;
  return pass(context, presented, caller);
}

/**
 * Passes the second factor of a sign-in. Five attempts, each taken before the code is looked at: after them the sign-in
 * has to begin anew. Throws AUTH_MFA_INVALID, AUTH_SESSION_EXPIRED, AUTH_INVALID_TOKEN.
 */
export async function completeSecondFactor(
  context: SessionContext,
  { tempToken, code }: { tempToken: string; code: string },
  caller: Caller,
): Promise<SignInResult> {
  const { pending, account } = await getPendingStep(context, tempToken, 'second-factor');
  const { sid, uid } = pending;
  if (!(await takeAttempt(context.store, sid))) {
    caller.tell('second-factor-failed', { uid, reason: 'attempts' });
    throw new BednetError('AUTH_SESSION_EXPIRED');
  }
  const method = await checkCode(context, { uid, username: account.username, code, pending }, caller);
  if (!method) throw new BednetError('AUTH_MFA_INVALID', { field: 'code' });
  return completeStep(context, sid, { step: 'second-factor', methods: amrOf[method] }, caller);
}

/**
 * Mails a code for one sign-in and no other; the newest counts, and asking again gives no attempts back. It lapses with
 * its sign-in, 600 s after the first mail. Throws RES_NOT_FOUND where codes are not mailed, RATE_LIMIT_EXCEEDED above three mails a sign-in.
 */
export async function mailSecondFactorCode(context: SessionContext, tempToken: string): Promise<void> {
  const { pending, account } = await getPendingStep(context, tempToken, 'second-factor');
  if (!canMailCode(context, account)) throw new BednetError('RES_NOT_FOUND');
  const { sid } = pending;
  // 6 digits: 19.9 bits, of which five attempts try one in 200,000.
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const isKept = await keepMailTag(context.store, sid, mailTagOf(context, sid, code));
  const validForSeconds = await findSecondsLeft(context.store, sid);
  if (!isKept) throw new BednetError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: validForSeconds });
  const values = { username: account.username, code, validForSeconds };
  sendTo(context, account, { kind: 'second-factor-code', values });
}
