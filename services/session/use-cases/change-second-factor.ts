import { findAccount } from '../../core/accounts/account.ts';
import { BednetError } from '../../core/errors.ts';
import {
  findSecondFactor,
  removeSecondFactor,
  replaceBackupTags,
  type SecondFactor,
} from '../../core/second-factor/authenticator.ts';
import type { LiveSession, Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import type { SecondFactorChange } from '../mail/letters.ts';
import { makeBackupCodes } from './enrol-second-factor.ts';
import { demandsSecondFactor } from './pending-steps.ts';
import { assertOwnCode, requireFreshOrPassword, rotate, type Proof } from './prove-again.ts';
import { tellOwner } from './tell-owner.ts';

/** A code, and the password unless the sign-in is fresh. */
export type FactorProof = Proof & { code: string };

/**
 * Turns the second factor off, ends all other sessions and rotates this one. Throws AUTH_MFA_INVALID (also where none is
 * on), AUTH_STEP_UP_REQUIRED, AUTH_INVALID_CREDENTIALS, AUTH_INSUFFICIENT_PERMISSIONS where a role demands it.
 */
export async function disableSecondFactor(
  context: SessionContext,
  session: Session,
  proof: FactorProof,
  caller: Caller,
): Promise<LiveSession> {
  const { store } = context;
  const { uid, sid, roles } = session;
  if (await demandsSecondFactor(context, roles)) {
    const message = 'A role of the account demands a second factor. Enrol another one to replace it.';
    throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS', { message });
  }
  const { totpSecret } = await prove(context, session, proof, caller);
  const removed = await removeSecondFactor(store, { uid, totpSecret, keepSid: sid, actor: uid });
  if (!removed) throw changedMeanwhile();
  caller.tell('second-factor-disabled', { uid, sid });
  await notify(context, uid, 'disabled');
  return rotate(context, session);
}

/** Makes ten new backup codes in place of the old ones; else as `disableSecondFactor`. The codes are shown once. */
export async function renewBackupCodes(
  context: SessionContext,
  session: Session,
  proof: FactorProof,
  caller: Caller,
): Promise<{ session: LiveSession; backupCodes: string[] }> {
  const { uid, sid } = session;
  const { totpSecret } = await prove(context, session, proof, caller);
  const { codes, backup } = await makeBackupCodes(context, caller);
  const replaced = await replaceBackupTags(context.store, { uid, totpSecret, backup, keepSid: sid });
  if (!replaced) throw changedMeanwhile();
  caller.tell('backup-codes-made', { uid, sid });
  await notify(context, uid, 'backup-codes-renewed');
  return { session: await rotate(context, session), backupCodes: codes };
}

/** The cheap check first: nobody spends a code for nothing. */
async function prove(
  context: SessionContext,
  session: Session,
  { password, code }: FactorProof,
  caller: Caller,
): Promise<SecondFactor> {
  await requireFreshOrPassword(context, session, password, caller);
  const factor = await findSecondFactor(context.store, session.uid);
  await assertOwnCode(context, session, code, caller);
  return factor;
}

async function notify(context: SessionContext, uid: string, change: SecondFactorChange): Promise<void> {
  const account = await findAccount(context.store, uid);
  if (account) tellOwner(context, account, { kind: 'second-factor-changed', values: { change } });
}

function changedMeanwhile(): BednetError {
  return new BednetError('AUTH_MFA_INVALID', {
    field: 'code',
    message: 'The second factor was just changed.',
  });
}
