import { BednetError } from '../../core/errors.ts';
import type { GuessKind } from '../../core/guessing/account-tries.ts';
import type { Grant, Refusal } from '../../core/guessing/guess-limits.ts';
import type { LimitedRequest } from '../../core/guessing/guess-settings.ts';
import type { Caller, SessionContext } from '../session-context.ts';

const longestWaitMs = 2000;

/** Whose secret is presented. `uid` is undefined where `login` names no account. */
export interface PresentedSecret {
  kind: GuessKind;
  uid: string | undefined;
  login: string;
}

/** `delayed` and `disabled` were never looked at; the client must not be able to tell them from `wrong`. */
export type SecretCheck = { right: true } | { right: false; reason: 'wrong' | 'delayed' | 'disabled' };

/**
 * Checks a secret under the limits on guessing: the try is taken before `check` runs, so that parallel ones can't
 * overrun a limit. Throws RATE_LIMIT_EXCEEDED where the network as a whole has failed too often, SYS_BUSY when too many
 * try the same secret at once.
 */
export async function checkSecret(
  context: SessionContext,
  secret: PresentedSecret,
  check: () => Promise<boolean>,
  caller: Caller,
): Promise<SecretCheck> {
  const turn = await takeTry(context, secret, caller);
  if (!turn.allowed) return answerRefusal(context, secret, turn, caller);
  const end = context.openTries.begin(keyOf(secret));
  try {
    const isRight = await lookAt(check, turn);
    await settle(turn, isRight, secret, caller);
    return isRight ? { right: true } : { right: false, reason: 'wrong' };
  } finally {
    end();
  }
}

/** Takes one of the network's requests. Throws RATE_LIMIT_EXCEEDED when it has had too many. */
export async function limitRequest(
  { guesses }: SessionContext,
  what: LimitedRequest,
  caller: Caller,
): Promise<void> {
  assertTurn(await guesses.takeRequest(what, caller.ip), what, caller);
}

/** Throws RATE_LIMIT_EXCEEDED for a turn at a request that was not granted. */
export function assertTurn(turn: { allowed: true } | Refusal, what: LimitedRequest, caller: Caller): void {
  if (turn.allowed) return;
  caller.tell('request-limited', { reason: what });
  throw tooMany(turn);
}

/** Takes one of the account's sign-ins. Throws SYS_BUSY with the time after which there is one again. */
export async function limitSignIns({ guesses }: SessionContext, uid: string, caller: Caller): Promise<void> {
  const turn = await guesses.takeSignIn(uid);
  if (turn.allowed) return;
  caller.tell('sign-ins-limited', { uid });
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: turn.retryAfterSeconds });
}

/**
 * Takes a try. Until it is settled each one counts as a failure, so people who sign in at the same time would block one
 * another: a try that is refused while others are open is taken anew once they are settled.
 */
async function takeTry(
  { guesses, openTries }: SessionContext,
  secret: PresentedSecret,
  { ip }: Caller,
): Promise<Grant | Refusal> {
  const untilMs = performance.now() + longestWaitMs;
  for (;;) {
    const turn = await guesses.beforeTry({ ...secret, ip });
    const leftMs = untilMs - performance.now();
    if (turn.allowed || turn.reason !== 'delayed' || leftMs <= 0) return turn;
    const wait = await openTries.wait(keyOf(secret), leftMs);
    if (wait === 'full') throw new BednetError('SYS_BUSY', { retryAfterSeconds: 2 });
    if (wait === 'none') return turn;
  }
}

/** A check that could not be made was no failure. */
async function lookAt(check: () => Promise<boolean>, turn: Grant): Promise<boolean> {
  try {
    return await check();
  } catch (fault) {
    await turn.settle('unchecked');
    throw fault;
  }
}

function keyOf({ kind, uid, login }: PresentedSecret): string {
  return `${kind} ${uid ?? login.toLowerCase()}`;
}

async function answerRefusal(
  { hasher }: SessionContext,
  { kind, uid }: PresentedSecret,
  refusal: Refusal,
  caller: Caller,
): Promise<SecretCheck> {
  const { reason } = refusal;
  caller.tell('try-blocked', { ...(uid && { uid }), reason: `${kind} ${reason}` });
  if (reason !== 'delayed' && reason !== 'disabled') throw tooMany(refusal);
  if (kind === 'password' || kind === 'backup-code') await hasher.imitateVerify();
  return { right: false, reason };
}

async function settle(
  turn: Grant,
  isRight: boolean,
  { kind, uid }: PresentedSecret,
  caller: Caller,
): Promise<void> {
  const disabledFor = await turn.settle(isRight ? 'right' : 'wrong');
  if (disabledFor && uid) caller.tell('secret-disabled', { uid, reason: `${kind} ${disabledFor}` });
}

function tooMany({ retryAfterSeconds }: Refusal): BednetError {
  return new BednetError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds });
}
