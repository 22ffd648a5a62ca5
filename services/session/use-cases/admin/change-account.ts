import {
  disableAccount,
  enableAccount,
  type StateChange,
  type StateChangeResult,
} from '../../../core/accounts/change-account-state.ts';
import { setRoles } from '../../../core/accounts/set-roles.ts';
import { BednetError } from '../../../core/errors.ts';
import type { Store } from '../../../core/redis/store.ts';
import type { FactName, SessionContext } from '../../session-context.ts';
import { assertMayGive, getPresentAccount, tell, type Admin, type ReasonGiven } from './admin.ts';

/** What a change of an account's state led to. */
export type AccountChange = Exclude<StateChangeResult, undefined>;

type Work = (store: Store, change: StateChange) => Promise<StateChangeResult>;

/** Which account, and why. */
export interface AccountAct extends ReasonGiven {
  uid: string;
}

/** Disables an account and ends all its sessions. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED, RES_LAST_ADMIN. */
export function disable(context: SessionContext, admin: Admin, act: AccountAct): Promise<AccountChange> {
  return change(context, admin, act, { work: disableAccount, event: 'account-disabled' });
}

/** Enables an account; no ended session comes back. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED. */
export function enable(context: SessionContext, admin: Admin, act: AccountAct): Promise<AccountChange> {
  return change(context, admin, act, { work: enableAccount, event: 'account-enabled' });
}

/**
 * Gives an account other roles instead of those that it has; they count at its next check and next request.
 * Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED, RES_LAST_ADMIN, VAL_UNKNOWN_ROLE, AUTH_INSUFFICIENT_PERMISSIONS.
 */
export async function assignRoles(
  context: SessionContext,
  admin: Admin,
  { uid, roles }: { uid: string; roles: readonly string[] },
): Promise<string[]> {
  const account = await getPresentAccount(context, admin, uid);
  await assertMayGive(
    context,
    admin,
    roles.filter((role) => !account.roles.includes(role)),
  );
  const result = await setRoles(context.store, { uid, roles, actor: admin.session.uid });
  switch (result.outcome) {
    case 'changed':
      tell(admin, 'roles-changed', { uid, reason: `${result.previousRoles} → ${result.roles}` });
      return result.roles;
    case 'unchanged':
      return result.roles;
    case 'unknown-account':
      throw new BednetError('RES_NOT_FOUND');
    case 'unknown-roles':
      throw new BednetError('VAL_UNKNOWN_ROLE', { field: 'roles' });
    case 'last-admin':
      throw new BednetError('RES_LAST_ADMIN');
  }
}

async function change(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: AccountAct,
  { work, event }: { work: Work; event: FactName },
): Promise<AccountChange> {
  await getPresentAccount(context, admin, uid);
  const result = await work(context.store, { uid, reason, actor: admin.session.uid });
  if (!result) throw new BednetError('RES_NOT_FOUND');
  if (result.changed) tell(admin, event, { uid, reason });
  return result;
}
