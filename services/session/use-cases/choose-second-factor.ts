import type { Account } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import { confirmEnded } from '../../core/leases/confirm-ended.ts';
import { findSecondFactor, removeSecondFactor } from '../../core/second-factor/authenticator.ts';
import { useMailAsFactor } from '../../core/second-factor/mail-factor.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { SecondFactorChange } from '../mail/letters.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { confirmSecondFactor } from './enrol-second-factor.ts';
import { demandsSecondFactor } from './pending-steps.ts';
import { assertOwnCode, rotate } from './prove-again.ts';
import { requireFresh } from './require-fresh.ts';
import { canMailCode } from './second-factor-methods.ts';
import { tellOwner } from './tell-owner.ts';

/** A signed-in person. */
interface Owner {
  session: Session;
  account: Account;
}

/**
 * Turns the second factor off on the strength of a fresh sign-in, which itself needed the factor if it was on. Ends all
 * other sessions. Throws AUTH_STEP_UP_REQUIRED, AUTH_INSUFFICIENT_PERMISSIONS where a role demands a factor.
 */
export async function chooseNoFactor(context: SessionContext, owner: Owner, caller: Caller): Promise<void> {
  const { session } = owner;
  requireFresh(context, session);
  if (await demandsSecondFactor(context, session.roles)) {
    throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
  }
  await change(context, owner, { remove: removeSecondFactor, what: 'disabled' }, caller);
}

/**
 * Makes mailed codes the second factor; else as chooseNoFactor. Throws RES_MAIL_IMPOSSIBLE where codes are not mailed, by
 * the settings or because the address was never verified.
 */
export async function chooseMailFactor(context: SessionContext, owner: Owner, caller: Caller): Promise<void> {
  const { session, account } = owner;
  requireFresh(context, session);
  if (!canMailCode(context, account) || !account.emailVerified) throw new BednetError('RES_MAIL_IMPOSSIBLE');
  await change(context, owner, { remove: useMailAsFactor, what: 'replaced' }, caller);
}

/**
 * Checks a code of a signed-in person. The first right one of an authenticator that waits for it puts it in force.
 * A wrong one counts as a failure. Where none waits, the call that put it in force may not have been confirmed: it is
 * now. Throws AUTH_MFA_INVALID, RATE_LIMIT_EXCEEDED, SYS_NOT_DURABLE.
 */
export async function checkOwnCode(
  context: SessionContext,
  session: Session,
  code: string,
  caller: Caller,
): Promise<void> {
  const { totpPending } = await findSecondFactor(context.store, session.uid);
  if (totpPending !== '' && (await isConfirmed(context, session, code, caller))) return;
  await confirmEnded(context.store, session);
  await assertOwnCode(context, session, code, caller);
}

async function change(
  context: SessionContext,
  { session, account }: Owner,
  { remove, what }: { remove: typeof removeSecondFactor; what: SecondFactorChange },
  caller: Caller,
): Promise<void> {
  const { uid, sid } = session;
  const { method, totpSecret } = await findSecondFactor(context.store, uid);
  if (what === 'disabled' && method === 'none') return confirmEnded(context.store, { uid });
  const isChanged = await remove(context.store, { uid, totpSecret, keepSid: sid, actor: uid });
  if (!isChanged) throw new BednetError('AUTH_MFA_INVALID');
  const event = what === 'disabled' ? 'second-factor-disabled' : 'second-factor-enabled';
  caller.tell(event, { uid, sid, reason: what });
  tellOwner(context, account, { kind: 'second-factor-changed', values: { change: what } });
  await rotate(context, session);
}

async function isConfirmed(
  context: SessionContext,
  session: Session,
  code: string,
  caller: Caller,
): Promise<boolean> {
  try {
    await confirmSecondFactor(context, session, code, caller);
    return true;
  } catch (error) {
    if (error instanceof BednetError && error.code === 'AUTH_MFA_INVALID') return false;
    throw error;
  }
}
