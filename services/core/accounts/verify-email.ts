import { emailKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import type { Account } from './account.ts';
import { setAccountFields } from './set-account-fields.ts';

const claimSeconds = 86_400;

/** The address that an account has or would like to have, or ''. */
export function addressOf({ email, unverifiedEmail }: Pick<Account, 'email' | 'unverifiedEmail'>): string {
  return unverifiedEmail || email;
}

/**
 * Makes the address of an account a verified one; its owner has shown a token that was mailed there. False if the
 * address has become another account's meanwhile, or the account is gone. Claimed first, made permanent last: what a
 * crash leaves behind lapses after a day.
 */
export async function verifyEmail(store: Store, account: Account): Promise<boolean> {
  const { uid, email, unverifiedEmail } = account;
  if (unverifiedEmail === '') {
    return setAccountFields(store, uid, { emailVerified: '1' }, { field: 'email', value: email });
  }
  const key = emailKey(unverifiedEmail);
  await store.redis.set(key, uid, 'EX', claimSeconds, 'NX');
  if ((await store.redis.get(key)) !== uid) return false;
  const isSet = await setAccountFields(
    store,
    uid,
    { email: unverifiedEmail, emailVerified: '1', unverifiedEmail: '', pendingUntilMs: '' },
    { field: 'unverifiedEmail', value: unverifiedEmail },
  );
  if (!isSet) return false;
  await store.run('claim-settle', [key], [uid, 0]);
  await store.confirmDurable();
  return true;
}
