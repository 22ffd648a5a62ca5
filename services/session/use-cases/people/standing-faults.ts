import type { Account } from '../../../core/accounts/account.ts';
import { readGroups, type Group } from '../../../core/groups/groups.ts';
import { findMembership, type Membership } from '../../../core/groups/membership.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { SessionContext } from '../../session-context.ts';
import { isAdmin, isAdministrator } from './reach.ts';
import type { StandingWish } from './standing.ts';

/** Why roles, groups or ACLs of an account can't be changed as somebody asks. */
export type StandingFault =
  | 'role-self-change'
  | 'role-change-not-authorized'
  | 'role-not-found'
  | 'role-not-assignable'
  | 'role-not-owned'
  | 'group-not-found'
  | 'group-not-owned'
  | 'acl-not-owned'
  | 'acl-already-member';

/** Roles that come with an account and its kind, never by assignment: they are neither given nor taken. */
const notAssignable = ['user', 'device'];

/** The roles that an account has when it is given these. */
export function rolesWith(account: Account, given: readonly (string | undefined)[]): string[] {
  const kept = account.roles.filter((role) => notAssignable.includes(role));
  return [...new Set([...kept, ...given.filter((role) => role !== undefined)])];
}

/** Whether a role is one that people are given. */
export function isAssignable(role: string): boolean {
  return !notAssignable.includes(role);
}

/** The memberships of an account, and all groups. */
export async function readStanding(
  { store }: SessionContext,
  uid: string,
): Promise<{ membership: Membership; groups: Map<string, Group> }> {
  const [membership, groups] = await Promise.all([findMembership(store, uid), readGroups(store)]);
  return { membership, groups };
}

/** Whether a session may give an account these roles: who is no admin only gives and takes roles of their own. */
export function findRoleFault(
  session: Session,
  account: Account,
  roles: readonly (string | undefined)[],
): StandingFault | undefined {
  if (!isAdministrator(session)) {
    return account.uid === session.uid ? 'role-self-change' : 'role-change-not-authorized';
  }
  if (account.uid === session.uid && !isAdmin(session)) return 'role-self-change';
  if (roles.includes(undefined)) return 'role-not-found';
  const added = rolesWith(account, roles).filter((role) => !account.roles.includes(role));
  if (!added.every(isAssignable)) return 'role-not-assignable';
  const removed = account.roles.filter((role) => isAssignable(role) && !roles.includes(role));
  const isOwned = (role: string | undefined) => isAdmin(session) || session.roles.includes(role ?? '');
  return [...added, ...removed].every(isOwned) ? undefined : 'role-not-owned';
}

/** Whether a session may put an account into these groups, and give it these ACLs. */
export async function findMembershipFault(
  context: SessionContext,
  session: Session,
  uid: string,
  wish: StandingWish,
): Promise<StandingFault | undefined> {
  if (!wish.groups && !wish.acls) return undefined;
  const [{ membership, groups }, own] = await Promise.all([
    readStanding(context, uid),
    findMembership(context.store, session.uid),
  ]);
  const isOwned = (shortId: string) => isAdmin(session) || own.groups.includes(shortId);
  const asked = wish.groups ?? membership.groups;
  return (
    findGroupFault(membership.groups, asked, { groups, isOwned }) ??
    (wish.acls && findAclFault(session, wish.acls, { groups, isOwned, before: membership, asked }))
  );
}

/** What faults are looked for with. */
interface Known {
  groups: ReadonlyMap<string, Group>;
  isOwned(shortId: string): boolean;
}

function findGroupFault(
  before: readonly string[],
  asked: readonly string[],
  { groups, isOwned }: Known,
): StandingFault | undefined {
  const changed = [
    ...asked.filter((shortId) => !before.includes(shortId)),
    ...before.filter((shortId) => !asked.includes(shortId) && groups.has(shortId)),
  ];
  if (changed.some((shortId) => !groups.has(shortId))) return 'group-not-found';
  return changed.every(isOwned) ? undefined : 'group-not-owned';
}

function findAclFault(
  session: Session,
  acls: NonNullable<StandingWish['acls']>,
  { groups, isOwned, before, asked }: Known & { before: Membership; asked: readonly string[] },
): StandingFault | undefined {
  const isOwnRole = (role: string | undefined) => isAdmin(session) || session.roles.includes(role ?? '');
  for (const { group, roles } of acls) {
    if (!groups.has(group)) return 'group-not-found';
    if (roles.includes(undefined)) return 'role-not-found';
    if (asked.includes(group)) return 'acl-already-member';
    const known = before.acls.find((acl) => acl.group === group);
    const isSame = known !== undefined && roles.every((role) => known.roles.includes(role ?? ''));
    if (!isSame && !(isOwned(group) && roles.every(isOwnRole))) return 'acl-not-owned';
  }
  const removed = before.acls.filter((old) => !acls.some(({ group }) => group === old.group));
  return removed.every(({ group }) => isOwned(group)) ? undefined : 'acl-not-owned';
}
