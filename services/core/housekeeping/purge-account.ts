import { purgeAccount } from '../accounts/purge-account.ts';
import { appendAudit } from '../audit/append.ts';
import type { StepContext } from './step.ts';

/** Removes an account for good if it is due: at the end of its purgatory, or never verified. True if it was removed. */
export async function purgeIfDue({ store, counts, nowMs }: StepContext, uid: string): Promise<boolean> {
  const purge = await purgeAccount(store, { uid, actor: 'system', atOnce: false, nowMs });
  if (purge.outcome !== 'purged') return false;
  appendAudit(store, { event: 'account-purged', actor: 'system', uid, reason: purge.reason });
  counts.accountsPurged += 1;
  return true;
}
