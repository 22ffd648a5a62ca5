import { findAccount, type Account } from '../../core/accounts/account.ts';
import { permissionsOf } from '../../core/accounts/permissions.ts';
import { BednetError } from '../../core/errors.ts';
import { readRolesInForce } from '../../core/rules/roles-in-force.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { SessionContext } from '../session-context.ts';

/**
 * The account of a session with the roles that the session acts in, and what they permit by the rules in force now.
 * Throws AUTH_TOKEN_REVOKED if the account was deleted meanwhile.
 */
export async function describeAccount(
  { store, rules }: SessionContext,
  { uid, roles }: Session,
): Promise<{ account: Account; permissions: readonly string[] }> {
  const account = await findAccount(store, uid);
  if (!account) throw new BednetError('AUTH_TOKEN_REVOKED');
  const permissions = permissionsOf(roles, await readRolesInForce(store, rules));
  return { account: { ...account, roles }, permissions };
}
