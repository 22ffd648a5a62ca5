import { findPasswordChangedAtMs, type Account } from '../../core/accounts/account.ts';
import { isSecondFactorRequired } from '../../core/accounts/permissions.ts';
import type { PendingStep } from '../../core/pending/pending-session.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import type { SecondFactor } from '../../core/second-factor/authenticator.ts';
import type { SessionContext } from '../session-context.ts';

const dayMs = 86_400_000;

/**
 * What an account has to do before a right password becomes a session, in the order in which a page should ask. A new
 * step goes here; its route checks it by `getPendingStep` and strikes it off by `completeStep`.
 */
export async function stepsOf(
  context: SessionContext,
  account: Account,
  secondFactor: SecondFactor,
): Promise<PendingStep[]> {
  const hasFactor = secondFactor.method !== 'none';
  const steps: [PendingStep, boolean][] = [
    ['second-factor', hasFactor],
    ['second-factor-setup', !hasFactor && (await demandsSecondFactor(context, account.roles))],
    ['email-verification', isVerificationDue(context, account)],
    ['password-change', await isPasswordChangeDue(context, account, secondFactor.nowMs)],
    ['terms', !['', account.termsVersion].includes(context.accounts.termsVersion)],
  ];
  return steps.filter(([, isDue]) => isDue).map(([step]) => step);
}

/** Whether one of the roles demands a second factor, by the rules in force. */
export async function demandsSecondFactor(
  { store, rules }: SessionContext,
  roles: readonly string[],
): Promise<boolean> {
  return isSecondFactorRequired(roles, await readRolesInForce(store, rules));
}

/** An address that is not the account's own before it is verified has to be, whatever the setting is now. */
function isVerificationDue(
  { accounts }: SessionContext,
  { email, unverifiedEmail, emailVerified }: Account,
): boolean {
  return unverifiedEmail !== '' || (accounts.needsVerifiedEmail && email !== '' && !emailVerified);
}

/** Because an operator asked for it, or, where passwords expire, by its age. */
export async function isPasswordChangeDue(
  { store, accounts }: SessionContext,
  { uid, mustChangePassword }: Account,
  nowMs: number,
): Promise<boolean> {
  if (mustChangePassword || accounts.passwordExpiryDays === 0) return mustChangePassword;
  return nowMs - (await findPasswordChangedAtMs(store, uid)) >= accounts.passwordExpiryDays * dayMs;
}
