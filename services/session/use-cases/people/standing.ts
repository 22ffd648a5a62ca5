import type { Account } from '../../../core/accounts/account.ts';
import { setMembership, type GroupAcl, type Membership } from '../../../core/groups/membership.ts';
import { BednetError } from '../../../core/errors.ts';
import type { Session } from '../../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import { assignRoles } from '../admin/change-account.ts';
import { requireFresh } from '../require-fresh.ts';
import {
  findMembershipFault,
  findRoleFault,
  readStanding,
  rolesWith,
  type StandingFault,
} from './standing-faults.ts';
import { asAdmin, reachPresentAccount } from './reach.ts';

/** What an account is to be from now on; what is absent stays. */
export interface StandingWish {
  uid: string | undefined;
  /** Core roles; undefined stands for a name that no role has. */
  roles?: readonly (string | undefined)[] | undefined;
  groups?: readonly string[] | undefined;
  acls?: readonly (Omit<GroupAcl, 'roles'> & { roles: readonly (string | undefined)[] })[] | undefined;
}

/** The roles and memberships of an account that the session reaches. Throws as reachPresentAccount. */
export async function findStanding(
  context: SessionContext,
  session: Session,
  wanted: string | undefined,
): Promise<Membership & { roles: string[] }> {
  const { uid, roles } = await reachPresentAccount(context, session, wanted);
  const { membership, groups } = await readStanding(context, uid);
  const isThere = (shortId: string) => groups.has(shortId);
  return {
    roles,
    groups: membership.groups.filter(isThere),
    acls: membership.acls.filter(({ group }) => isThere(group)),
  };
}

/**
 * Changes roles and memberships of an account that the session reaches, all or nothing as far as it is asked for what it
 * may not do. A change of roles needs a fresh sign-in. Throws as reachPresentAccount and assignRoles, and
 * AUTH_STEP_UP_REQUIRED.
 */
export async function changeStanding(
  context: SessionContext,
  session: Session,
  wish: StandingWish,
  caller: Caller,
): Promise<StandingFault | undefined> {
  const account = await reachPresentAccount(context, session, wish.uid);
  const fault =
    (wish.roles && findRoleFault(session, account, wish.roles)) ??
    (await findMembershipFault(context, session, account.uid, wish));
  if (fault) return fault;
  if (wish.roles) await changeRoles(context, session, account, wish.roles, caller);
  await changeMembership(context, session, { ...wish, uid: account.uid }, caller);
  return undefined;
}

async function changeRoles(
  context: SessionContext,
  session: Session,
  account: Account,
  given: readonly (string | undefined)[],
  caller: Caller,
): Promise<void> {
  requireFresh(context, session);
  const admin = await asAdmin(context, session, caller);
  await assignRoles(context, admin, { uid: account.uid, roles: rolesWith(account, given) });
}

async function changeMembership(
  { store }: SessionContext,
  session: Session,
  { uid, groups, acls }: StandingWish & { uid: string },
  caller: Caller,
): Promise<void> {
  if (!groups && !acls) return;
  const change = {
    ...(groups && { groups: [...new Set(groups)] }),
    ...(acls && { acls: acls as GroupAcl[] }),
  };
  if (!(await setMembership(store, uid, change))) throw new BednetError('RES_NOT_FOUND');
  const reason = `groups ${groups?.join(' ') ?? ''} acls ${acls?.map(({ group }) => group).join(' ') ?? ''}`;
  caller.tell('groups-changed', { uid, actor: session.uid, reason });
}
