import { findAccount, type Account } from '../../../core/accounts/account.ts';
import { includePermissions, permissionsOf } from '../../../core/accounts/permissions.ts';
import { findUnknownRoles } from '../../../core/accounts/set-roles.ts';
import { BednetError } from '../../../core/errors.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { Caller, FactDetails, FactName, SessionContext } from '../../session-context.ts';

/** Who acts by the admin API. */
export interface Admin {
  session: Session;
  /** What the roles of the session permit now. */
  permissions: readonly string[];
  caller: Caller;
}

/** Why something is done, in the operator's words. */
export interface ReasonGiven {
  reason: string;
}

/** Records what an admin did. */
export function tell(admin: Admin, event: FactName, details: FactDetails = {}): void {
  admin.caller.tell(event, { actor: admin.session.uid, ...details });
}

/**
 * The account that an admin is about to change. Throws RES_NOT_FOUND, and AUTH_INSUFFICIENT_PERMISSIONS if the account
 * may do what the admin may not: else a helper could take over an account that stands above.
 */
export async function getManagedAccount(
  context: SessionContext,
  admin: Admin,
  uid: string,
): Promise<Account> {
  const account = await findAccount(context.store, uid);
  if (!account) throw new BednetError('RES_NOT_FOUND');
  await assertIncludes(context, admin, account.roles);
  return account;
}

/** As getManagedAccount, for what can't be done to a deleted account. Throws RES_ACCOUNT_DELETED. */
export async function getPresentAccount(
  context: SessionContext,
  admin: Admin,
  uid: string,
): Promise<Account> {
  const account = await getManagedAccount(context, admin, uid);
  if (account.state === 'deleted') throw new BednetError('RES_ACCOUNT_DELETED');
  return account;
}

/**
 * Throws VAL_UNKNOWN_ROLE for roles that the rules in force don't know, and AUTH_INSUFFICIENT_PERMISSIONS for those
 * that permit what the admin may not do.
 */
export async function assertMayGive(
  context: SessionContext,
  admin: Admin,
  roles: readonly string[],
): Promise<void> {
  const [unknown] = await findUnknownRoles(context.store, roles);
  if (unknown !== undefined) throw new BednetError('VAL_UNKNOWN_ROLE', { field: 'roles' });
  await assertIncludes(context, admin, roles);
}

async function assertIncludes(
  { store, rules }: SessionContext,
  admin: Admin,
  roles: readonly string[],
): Promise<void> {
  const permissions = permissionsOf(roles, await readRolesInForce(store, rules));
  if (includePermissions(admin.permissions, permissions)) return;
  tell(admin, 'permission-refused', { reason: 'the other account may do more' });
  throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
}
