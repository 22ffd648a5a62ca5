import { findAccount, type Account } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import {
  endPendingSession,
  findPendingSession,
  type PendingSession,
  type StoredStep,
} from '../../core/pending/pending-session.ts';
import { findSecondFactor, type SecondFactor } from '../../core/second-factor/authenticator.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { readPendingToken } from '../../core/tokens/pending-token.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { passFactorStep } from './pass-factor-step.ts';
import { completeStep } from './pending-sign-in.ts';

/** A sign-in under way. */
export interface PendingSignIn {
  pending: PendingSession;
  /** Undefined once it was deleted for good. */
  account: Account | undefined;
}

/** How far a stepwise sign-in has come. */
export type StepwiseResult =
  | { outcome: 'signed-in'; account: Account; session: LiveSession }
  | { outcome: 'pending'; pending: PendingSession; account: Account; isCodeRefused: boolean };

/** The sign-in of a temp token; undefined if it is over, or its account was locked or changed meanwhile. */
export async function findPendingSignIn(
  { store, renewalKeys }: SessionContext,
  tempToken: string,
): Promise<PendingSignIn | undefined> {
  const sid = readPendingToken(tempToken, renewalKeys);
  const pending = sid === undefined ? undefined : await findPendingSession(store, sid);
  const account = pending && (await findAccount(store, pending.uid));
  if (!pending) return undefined;
  if (account && (account.state !== 'active' || account.epoch !== pending.epoch)) return undefined;
  return { pending, account };
}

/**
 * Goes on with a stepwise sign-in: takes the code, if one is due, and makes the session once nothing else is left. A wrong
 * code uses up one of five attempts; none at all ('') guesses nothing and costs nothing. Throws RATE_LIMIT_EXCEEDED when there is none left or the network has
 * failed too often, AUTH_SESSION_EXPIRED when the sign-in is over.
 */
export async function continueSignIn(
  context: SessionContext,
  { tempToken, code }: { tempToken: string; code: string },
  caller: Caller,
): Promise<StepwiseResult> {
  const before = await getPendingSignIn(context, tempToken);
  const asksCode = before.pending.steps.some(isFactorStep);
  const isCodeRefused = asksCode && !(await passCode(context, { tempToken, code }, caller));
  const { pending, account } = asksCode ? await getPendingSignIn(context, tempToken) : before;
  if (pending.steps.some((step) => step !== 'pick-up')) {
    return { outcome: 'pending', pending, account, isCodeRefused };
  }
  const result = await completeStep(context, pending.sid, { step: 'pick-up' }, caller);
  if (result.outcome === 'pending') throw new BednetError('AUTH_SESSION_EXPIRED');
  return result;
}

/** Gives a sign-in under way up. */
export async function abandonSignIn(
  { store }: SessionContext,
  { sid, uid }: PendingSession,
  caller: Caller,
): Promise<void> {
  if (await endPendingSession(store, sid)) caller.tell('session-ended', { uid, reason: 'signed-out' });
}

/** The second factor of an account. */
export function factorOf({ store }: SessionContext, uid: string): Promise<SecondFactor> {
  return findSecondFactor(store, uid);
}

async function getPendingSignIn(
  context: SessionContext,
  tempToken: string,
): Promise<{ pending: PendingSession; account: Account }> {
  const found = await findPendingSignIn(context, tempToken);
  if (!found?.account) throw new BednetError('AUTH_SESSION_EXPIRED');
  return { pending: found.pending, account: found.account };
}

async function passCode(
  context: SessionContext,
  presented: { tempToken: string; code: string },
  caller: Caller,
): Promise<boolean> {
  if (presented.code === '') return false;
  try {
    await passFactorStep(context, presented, caller);
    return true;
  } catch (error) {
    if (!(error instanceof BednetError)) throw error;
    if (error.code === 'AUTH_MFA_INVALID') return false;
    if (error.code !== 'AUTH_SESSION_EXPIRED') throw error;
    const isThere = (await findPendingSignIn(context, presented.tempToken))?.pending.steps.some(isFactorStep);
    throw isThere ? new BednetError('RATE_LIMIT_EXCEEDED') : error;
  }
}

function isFactorStep(step: StoredStep): boolean {
  return step === 'second-factor' || step === 'second-factor-setup';
}
