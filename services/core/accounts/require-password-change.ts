import type { Store } from '../redis/store.ts';
import { revokeSessionsAndApiKeys } from '../sessions/revoke-sessions.ts';
import { setAccountFields } from './set-account-fields.ts';

/**
 * Asks for a new password at the next sign-in, which comes to nothing before, and ends all sessions: the mark is set
 * first, so a sign-in in between meets it. False if there is no such account.
 */
export async function requirePasswordChange(
  store: Store,
  { uid, actor }: { uid: string; actor: string },
): Promise<boolean> {
  if (!(await setAccountFields(store, uid, { mustChangePassword: '1' }))) return false;
  await revokeSessionsAndApiKeys(store, { uid, reason: 'password-change-required', actor });
  return true;
}
