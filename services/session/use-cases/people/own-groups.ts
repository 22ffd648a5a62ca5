import { adminRole } from '../../../core/accounts/admins.ts';
import { readGroups, type Group } from '../../../core/groups/groups.ts';
import { findMembership } from '../../../core/groups/membership.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { SessionContext } from '../../session-context.ts';
import { isAssignable } from './standing-faults.ts';

/** A group with those below it. */
export interface GroupTree extends Group {
  /** What an ACL of this group gives its owner. */
  roles: string[];
  children: GroupTree[];
}

/** The roles of the rules in force that people can be given, by name. */
export async function listGivableRoles({ store, rules }: SessionContext): Promise<string[]> {
  const inForce = await readRolesInForce(store, rules);
  if ('broken' in inForce) return [];
  return [...inForce.roles.keys()].filter(isAssignable).sort();
}

/** The groups that somebody is in or has an ACL of, each with those below it; for an admin all that there are. */
export async function listOwnGroups({ store }: SessionContext, session: Session): Promise<GroupTree[]> {
  const [groups, own] = await Promise.all([readGroups(store), findMembership(store, session.uid)]);
  const rolesOf = (shortId: string) => own.acls.find(({ group }) => group === shortId)?.roles ?? [];
  const toTree = (group: Group): GroupTree => ({
    ...group,
    roles: rolesOf(group.shortId),
    children: childrenOf(groups, group.shortId).map(toTree),
  });
  const isTop = ({ shortId, parent }: Group) =>
    session.roles.includes(adminRole)
      ? parent === ''
      : own.groups.includes(shortId) || own.acls.some(({ group }) => group === shortId);
  return [...groups.values()].filter(isTop).map(toTree);
}

/** Some groups and all those below them. */
export async function withGroupsBelow(
  { store }: SessionContext,
  shortIds: readonly string[],
): Promise<string[]> {
  const groups = await readGroups(store);
  const found = new Set(shortIds);
  for (const shortId of found) {
    for (const child of childrenOf(groups, shortId)) found.add(child.shortId);
  }
  return [...found];
}

function childrenOf(groups: ReadonlyMap<string, Group>, parent: string): Group[] {
  return [...groups.values()].filter((group) => group.parent === parent);
}
