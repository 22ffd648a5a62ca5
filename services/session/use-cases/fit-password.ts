import { isSecondFactorRequired } from '../../core/accounts/permissions.ts';
import { contextWordsOf } from '../../core/passwords/context-words.ts';
import { assertNewPassword } from '../../core/passwords/policy.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import type { SessionContext } from '../session-context.ts';

/** Whose password it is to be. */
export interface PasswordOwner {
  username: string;
  email?: string | undefined;
  roles: readonly string[];
}

/** Rejects with VAL_PASSWORD_* unless `password` may become the password of `owner`; errors name `field`. */
export async function assertFitPassword(
  context: SessionContext,
  password: string,
  owner: PasswordOwner,
  field: string,
): Promise<void> {
  const { passwordPolicy, productName } = context;
  const contextWords = contextWordsOf({ username: owner.username, email: owner.email, productName });
  const minCodePoints = await leastCodePoints(context, owner);
  assertNewPassword(password, { ...passwordPolicy, minCodePoints, contextWords, field });
}

/**
 * A shorter password will do where nobody gets in with it alone (NIST SP 800-63B-4 3.1.1.2): a role demands a second
 * factor, by rules that can be read.
 */
async function leastCodePoints(
  { store, rules, passwordPolicy }: SessionContext,
  { roles }: PasswordOwner,
): Promise<number> {
  const { minCodePoints, minCodePointsWithFactor = minCodePoints } = passwordPolicy;
  const inForce = await readRolesInForce(store, rules);
  const isEnforced = !('broken' in inForce) && isSecondFactorRequired(roles, inForce);
  return isEnforced ? Math.min(minCodePoints, minCodePointsWithFactor) : minCodePoints;
}
