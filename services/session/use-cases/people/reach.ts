import { findAccount, type Account } from '../../../core/accounts/account.ts';
import { adminRole } from '../../../core/accounts/admins.ts';
import { permissionsOf } from '../../../core/accounts/permissions.ts';
import { BednetError } from '../../../core/errors.ts';
import { readGroups } from '../../../core/groups/groups.ts';
import { findMembership, findMemberships, shareGroup } from '../../../core/groups/membership.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import type { Admin } from '../admin/admin.ts';

/** The role that administers the accounts of its holder's own groups. */
export const groupAdminRole = 'user-admin';

/**
 * The account that somebody acts on (undefined is nobody's): their own; anybody's for an admin; one of their own groups for a group admin.
 * Throws RES_NOT_FOUND, AUTH_INSUFFICIENT_PERMISSIONS.
 */
export async function reachAccount(
  context: SessionContext,
  session: Session,
  uid: string | undefined,
): Promise<Account> {
  if (uid !== session.uid && !isAdministrator(session))
    throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
  const account = uid === undefined ? undefined : await findAccount(context.store, uid);
  if (!account) throw new BednetError('RES_NOT_FOUND');
  const [reached] = await onlyReached(context, session, [account]);
  if (!reached) throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
  return reached;
}

/** As reachAccount, for what is done to accounts that are not deleted: throws RES_NOT_FOUND for others. */
export async function reachPresentAccount(
  context: SessionContext,
  session: Session,
  uid: string | undefined,
): Promise<Account> {
  const account = await reachAccount(context, session, uid);
  if (account.state === 'deleted') throw new BednetError('RES_NOT_FOUND');
  return account;
}

/** Those of some accounts that somebody reaches. */
export async function onlyReached(
  { store }: SessionContext,
  session: Session,
  accounts: readonly Account[],
): Promise<Account[]> {
  if (isAdmin(session)) return [...accounts];
  const isGroupAdmin = session.roles.includes(groupAdminRole);
  const [groups, own, memberships] = await Promise.all([
    readGroups(store),
    findMembership(store, session.uid),
    findMemberships(store, isGroupAdmin ? accounts.map(({ uid }) => uid) : []),
  ]);
  return accounts.filter(
    ({ uid }, index) =>
      uid === session.uid || shareGroup(own.groups, memberships[index]?.groups ?? [], groups),
  );
}

/** Whether a session administers everybody. */
export function isAdmin({ roles }: Pick<Session, 'roles'>): boolean {
  return roles.includes(adminRole);
}

/** Whether a session administers anybody but itself. */
export function isAdministrator({ roles }: Pick<Session, 'roles'>): boolean {
  return roles.includes(adminRole) || roles.includes(groupAdminRole);
}

/** The session as the use cases of the admin API know it. */
export async function asAdmin(context: SessionContext, session: Session, caller: Caller): Promise<Admin> {
  const permissions = permissionsOf(session.roles, await readRolesInForce(context.store, context.rules));
  return { session, permissions, caller };
}
