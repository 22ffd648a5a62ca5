import { credentialKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { changeCredential } from './change-credential.ts';

/** A change of password; both hashes are PHC strings. */
export interface PasswordChange {
  uid: string;
  checkedHash: string;
  newHash: string;
  /** The session that goes on, or '' to end all. */
  keepSid: string;
  actor: string;
}

/**
 * Stores the new hash and ends every other session in one step. False if the stored hash is no longer the one that
 * was checked. Returns when the change is durable.
 */
export function changePasswordHash(store: Store, change: PasswordChange): Promise<boolean> {
  const { uid, checkedHash, newHash, keepSid, actor } = change;
  return changeCredential(store, {
    uid,
    checked: { field: 'passwordHash', value: checkedHash },
    fields: { passwordHash: newHash },
    keepSid,
    reason: 'password-changed',
    actor,
  });
}

/** Replaces the hash of an unchanged password by one of today's cost, unless somebody changed it meanwhile. */
export async function replaceRehashed(
  store: Store,
  rehash: { uid: string; checkedHash: string; newHash: string },
): Promise<void> {
  await store.run('password-rehash', [credentialKey(rehash.uid)], [rehash.checkedHash, rehash.newHash]);
}
