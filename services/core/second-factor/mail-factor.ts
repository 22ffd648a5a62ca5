import { changeCredential } from '../accounts/change-credential.ts';
import type { Store } from '../redis/store.ts';

/**
 * Makes mailed codes the second factor of an account, instead of an authenticator if it has one, and ends all other
 * sessions. False if the second factor changed meanwhile.
 */
export function useMailAsFactor(
  store: Store,
  change: { uid: string; totpSecret: string; keepSid: string; actor: string },
): Promise<boolean> {
  const { uid, totpSecret, keepSid, actor } = change;
  return changeCredential(store, {
    uid,
    checked: { field: 'totpSecret', value: totpSecret },
    fields: {
      secondFactor: 'email',
      totpSecret: '',
      totpPending: '',
      backupPending: '',
      backupSalt: '',
      backupTags: '',
    },
    keepSid,
    reason: 'second-factor-changed',
    actor,
  });
}
