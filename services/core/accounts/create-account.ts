import { newUid, partitionOf } from '../ids.ts';
import { accountIndexKey, accountKey, credentialKey, emailKey, eventsKey, loginKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** A new account; `passwordHash` is a PHC string. */
export interface NewAccount {
  username: string;
  email?: string | undefined;
  fullName?: string | undefined;
  roles: readonly string[];
  passwordHash: string;
  actor: string;
  language?: string | undefined;
  /** Somebody vouches for the address. */
  emailVerified?: boolean | undefined;
  /** Instead of `email`: an address that becomes the account's once it is verified. Nobody owns it until then. */
  unverifiedEmail?: string | undefined;
  /** Version of the terms that came with the registration and were accepted. */
  termsVersion?: string | undefined;
}

/** What became of it. Only the taken username may be told to a stranger. */
export type AccountCreation =
  { outcome: 'created'; uid: string } | { outcome: 'username-taken' } | { outcome: 'email-taken' };

const claimSeconds = 86_400;

/** An account whose address is not verified by then is purged, and its username is free again. */
const unverifiedSeconds = 3 * 86_400;

/**
 * Claims the names, creates the account, then makes the claims permanent. Claims that a crash leaves behind lapse
 * after a day. A username stays claimed when the e-mail address was taken: freeing it would tell that it was.
 */
export async function createAccount(store: Store, account: NewAccount): Promise<AccountCreation> {
  const uid = newUid();
  const login = loginKey(account.username);
  const email = account.email ? emailKey(account.email) : undefined;
  if (!(await claim(store, login, uid))) return { outcome: 'username-taken' };
  if (email && !(await claim(store, email, uid))) {
    await writeAsMuch(store, login, uid);
    return { outcome: 'email-taken' };
  }

  await store.run(
    'account-create',
    [accountKey(uid), credentialKey(uid), eventsKey(partitionOf(uid)), accountIndexKey(partitionOf(uid))],
    [
      uid,
      account.username,
      account.email ?? '',
      account.fullName ?? '',
      account.roles.join(','),
      account.passwordHash,
      account.actor,
      '',
      account.unverifiedEmail ? unverifiedSeconds : '',
      ...furtherFields(account),
    ],
  );
  const isNamed = await settle(store, login, uid);
  if (isNamed && email) await settle(store, email, uid);
  await store.confirmDurable();
  return isNamed ? { outcome: 'created', uid } : { outcome: 'username-taken' };
}

function furtherFields({ emailVerified, language, unverifiedEmail, termsVersion }: NewAccount): string[] {
  const fields = { language, emailVerified: emailVerified && '1', unverifiedEmail, termsVersion };
  return Object.entries(fields).flatMap(([name, value]) => (value ? [name, value] : []));
}

/** False if the claim has lapsed and the name is another's by now: then nobody can sign in to this account. */
async function settle(store: Store, key: string, uid: string): Promise<boolean> {
  const [outcome] = await store.run('claim-settle', [key], [uid, 0]);
  return outcome === 'settled';
}

/** Makes the durable writes that are left of a creation, so that time does not tell that the address is taken. */
async function writeAsMuch(store: Store, login: string, uid: string): Promise<void> {
  for (let write = 0; write < 3; write += 1) await store.redis.set(login, uid, 'EX', claimSeconds, 'XX');
  await store.confirmDurable();
}

async function claim(store: Store, key: string, uid: string): Promise<boolean> {
  return (await store.redis.set(key, uid, 'EX', claimSeconds, 'NX')) === 'OK';
}
