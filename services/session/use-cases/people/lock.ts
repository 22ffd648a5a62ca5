import { lockAccount } from '../../../core/accounts/lock-account.ts';
import { BednetError } from '../../../core/errors.ts';
import type { SessionContext } from '../../session-context.ts';
import { getPresentAccount, tell, type Admin } from '../admin/admin.ts';
import type { AccountAct } from '../admin/change-account.ts';

/**
 * Locks an account against sign-ins and ends all its sessions and API keys. Throws RES_NOT_FOUND, RES_ACCOUNT_DELETED,
 * RES_LAST_ADMIN, AUTH_INSUFFICIENT_PERMISSIONS.
 */
export async function lock(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: AccountAct,
): Promise<void> {
  await getPresentAccount(context, admin, uid);
  const result = await lockAccount(context.store, { uid, reason, actor: admin.session.uid });
  if (!result) throw new BednetError('RES_NOT_FOUND');
  if (result.changed) tell(admin, 'account-locked', { uid, reason });
}
