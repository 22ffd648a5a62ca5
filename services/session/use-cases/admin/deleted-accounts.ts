import { deleteAccount, restoreAccount } from '../../../core/accounts/change-account-state.ts';
import { purgeAccount } from '../../../core/accounts/purge-account.ts';
import { BednetError } from '../../../core/errors.ts';
import type { SessionContext } from '../../session-context.ts';
import { tellOwner } from '../tell-owner.ts';
import { getManagedAccount, tell, type Admin } from './admin.ts';
import type { AccountAct } from './change-account.ts';

/** What a deletion led to; until `purgeAtMs` it can be undone. */
export interface Removal {
  changed: boolean;
  sessionsEnded: number;
  purgeAtMs: number;
}

/**
 * Deletes an account, ends all its sessions and tells the owner by mail; until the end of its purgatory it can be
 * restored. Throws RES_NOT_FOUND, RES_LAST_ADMIN.
 */
export async function remove(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: AccountAct,
): Promise<Removal> {
  const account = await getManagedAccount(context, admin, uid);
  const { purgatorySeconds } = context.accounts;
  const act = { uid, reason, actor: admin.session.uid };
  const removal = await deleteAccount(context.store, { ...act, purgatorySeconds });
  if (!removal) throw new BednetError('RES_NOT_FOUND');
  const { changed, purgeAtMs } = removal;
  if (changed) {
    tell(admin, 'account-deleted', { uid, reason });
    tellOwner(context, account, { kind: 'account-deleted', values: { purgeAtMs } });
  }
  return removal;
}

/** Takes an account out of its purgatory; no ended session comes back. Throws RES_NOT_FOUND, also once it is purged. */
export async function restore(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: AccountAct,
): Promise<{ changed: boolean; state: 'active' | 'disabled' }> {
  await getManagedAccount(context, admin, uid);
  const restoration = await restoreAccount(context.store, { uid, reason, actor: admin.session.uid });
  if (!restoration) throw new BednetError('RES_NOT_FOUND');
  if (restoration.changed) tell(admin, 'account-restored', { uid, reason });
  return restoration;
}

/** Removes a deleted account for good, now. Throws RES_NOT_FOUND, RES_ACCOUNT_NOT_DELETED. */
export async function purge(
  context: SessionContext,
  admin: Admin,
  { uid, reason }: AccountAct,
): Promise<void> {
  await getManagedAccount(context, admin, uid);
  const { outcome } = await purgeAccount(context.store, { uid, actor: admin.session.uid, atOnce: true });
  if (outcome === 'unknown') throw new BednetError('RES_NOT_FOUND');
  if (outcome === 'not-due') throw new BednetError('RES_ACCOUNT_NOT_DELETED');
  tell(admin, 'account-purged', { uid, reason });
}
