import { findAccount, type Account } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import { newSid } from '../../core/ids.ts';
import {
  createPendingSession,
  findPendingSession,
  passStep,
  type PassedStep,
  type PendingSession,
  type PendingStep,
  type StoredStep,
} from '../../core/pending/pending-session.ts';
import type { SecondFactor } from '../../core/second-factor/authenticator.ts';
import type { LiveSession } from '../../core/sessions/session.ts';
import { issuePendingToken, readPendingToken } from '../../core/tokens/pending-token.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { completeSignIn, type CompletedSignIn } from './complete-sign-in.ts';
import { stepsOf } from './pending-steps.ts';
import { methodsOf, type CodeMethod } from './second-factor-methods.ts';

/** What a sign-in, or the last of its steps, comes to: a session, or the steps that are left before there is one. */
export type SignInResult =
  | { outcome: 'signed-in'; account: Account; session: LiveSession }
  | { outcome: 'pending'; uid: string; tempToken: string; steps: PendingStep[]; methods: CodeMethod[] };

/** A sign-in whose password was right. */
export interface RightPassword {
  account: Account;
  secondFactor: SecondFactor;
  remember: boolean;
  fingerprint?: string | undefined;
  /** The client does each step by a call of its own, in any order, within 600 s, and then fetches its tokens. */
  stepwise?: boolean | undefined;
}

const stepwiseSeconds = 600;

/** Opens the session, or a pending one if the account has steps to do first. */
export async function beginSignIn(
  context: SessionContext,
  { account, secondFactor, remember, fingerprint = '', stepwise = false }: RightPassword,
  caller: Caller,
): Promise<SignInResult> {
  const { uid, epoch } = account;
  const { ip, userAgent } = caller;
  const begun = { epoch, amr: ['pwd'], remember, fingerprint, ip, userAgent };
  const due = await stepsOf(context, account, secondFactor);
  if (due.length === 0) return openSession(context, { account, ...begun }, caller);
  const sid = newSid(uid);
  const steps: StoredStep[] = stepwise ? [...due, 'pick-up'] : due;
  const lifeSeconds = stepwise ? stepwiseSeconds : undefined;
  await createPendingSession(context.store, { sid, uid, steps, ...begun }, lifeSeconds);
  caller.tell('sign-in-pending', { uid, reason: due.join(' ') });
  return answerPending(context, { sid, steps, account, secondFactor });
}

/**
 * The pending session of a temp token that has `step` to do next, with its account. The second factor comes first:
 * nobody who lacks it changes or sees anything; only a stepwise sign-in takes its steps in any order. Throws
 * AUTH_INVALID_TOKEN, AUTH_SESSION_EXPIRED (over, done, or the account was locked or changed meanwhile),
 * AUTH_MFA_REQUIRED.
 */
export async function getPendingStep(
  { store, renewalKeys }: SessionContext,
  tempToken: string,
  step: PendingStep,
): Promise<{ pending: PendingSession; account: Account }> {
  const sid = readPendingToken(tempToken, renewalKeys);
  if (sid === undefined) throw new BednetError('AUTH_INVALID_TOKEN');
  const pending = await findPendingSession(store, sid);
  const account = pending && (await findAccount(store, pending.uid));
  if (!account || account.state !== 'active' || account.epoch !== pending.epoch) throw over();
  if (step !== 'second-factor' && !isStepwise(pending) && pending.steps.includes('second-factor')) {
    throw new BednetError('AUTH_MFA_REQUIRED');
  }
  if (!pending.steps.includes(step)) throw over();
  return { pending, account };
}

/** The steps that the sign-in of a temp token has left; none if it is over. */
export async function findStepsLeft(
  { store, renewalKeys }: SessionContext,
  tempToken: string,
): Promise<StoredStep[]> {
  const sid = readPendingToken(tempToken, renewalKeys);
  return (sid === undefined ? undefined : await findPendingSession(store, sid))?.steps ?? [];
}

/**
 * Strikes off a step that the caller has checked. The last step opens the session, for one of parallel callers.
 * Throws AUTH_SESSION_EXPIRED.
 */
export async function completeStep(
  context: SessionContext,
  sid: string,
  step: PassedStep,
  caller: Caller,
): Promise<SignInResult> {
  const pending = await findPendingSession(context.store, sid);
  const account = pending && (await findAccount(context.store, pending.uid));
  if (!account) throw over();
  const passed = await passStep(context.store, sid, step);
  switch (passed.outcome) {
    case 'refused':
      throw over();
    case 'passed':
      return answerPending(context, { sid, steps: passed.left, account });
    case 'done':
      return openSession(context, { ...pending, account, amr: passed.amr, epoch: passed.epoch }, caller);
  }
}

async function openSession(
  context: SessionContext,
  signIn: CompletedSignIn,
  caller: Caller,
): Promise<SignInResult> {
  const session = await completeSignIn(context, signIn, caller);
  if (session) return { outcome: 'signed-in', account: signIn.account, session };
  caller.tell('sign-in-failed', { uid: signIn.account.uid, reason: 'changed-meanwhile' });
  throw new BednetError('AUTH_INVALID_CREDENTIALS');
}

async function answerPending(
  context: SessionContext,
  {
    sid,
    steps,
    account,
    secondFactor,
  }: { sid: string; steps: StoredStep[]; account: Account; secondFactor?: SecondFactor },
): Promise<SignInResult> {
  const [key] = context.renewalKeys;
  if (!key) throw new TypeError('there is no renewal key');
  const asksCode = steps.includes('second-factor') && secondFactor !== undefined;
  return {
    outcome: 'pending',
    uid: account.uid,
    tempToken: issuePendingToken(sid, key),
    steps: steps.filter((step) => step !== 'pick-up'),
    methods: asksCode ? methodsOf(context, account, secondFactor) : [],
  };
}

function isStepwise({ steps }: PendingSession): boolean {
  return steps.includes('pick-up');
}

function over(): BednetError {
  return new BednetError('AUTH_SESSION_EXPIRED');
}
