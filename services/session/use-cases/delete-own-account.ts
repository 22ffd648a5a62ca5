import { findAccount } from '../../core/accounts/account.ts';
import { deleteAccount } from '../../core/accounts/change-account-state.ts';
import { BednetError } from '../../core/errors.ts';
import type { Session } from '../../core/sessions/session.ts';
import type { Caller, SessionContext } from '../session-context.ts';
import { requireFreshOrProof, type Proof } from './prove-again.ts';
import { tellOwner } from './tell-owner.ts';

/**
 * Deletes the account of a session and ends all its sessions; until the end of its purgatory an admin can restore it.
 * The owner gets a mail. Throws AUTH_STEP_UP_REQUIRED, AUTH_INVALID_CREDENTIALS, AUTH_MFA_REQUIRED, AUTH_MFA_INVALID,
 * RES_LAST_ADMIN.
 */
export async function deleteOwnAccount(
  context: SessionContext,
  session: Session,
  proof: Proof,
  caller: Caller,
): Promise<{ purgeAtMs: number }> {
  const { uid, sid } = session;
  await requireFreshOrProof(context, session, proof, caller);
  const account = await findAccount(context.store, uid);
  const { purgatorySeconds } = context.accounts;
  const deletion = { uid, reason: 'deleted-by-owner', actor: uid, purgatorySeconds };
  const removal = await deleteAccount(context.store, deletion);
  if (!account || !removal) throw new BednetError('AUTH_TOKEN_REVOKED');
  const { purgeAtMs } = removal;
  caller.tell('account-deleted', { uid, sid, reason: deletion.reason });
  tellOwner(context, account, { kind: 'account-deleted', values: { purgeAtMs } });
  return { purgeAtMs };
}
