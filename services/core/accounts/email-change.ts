import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { accountKey, emailChangeKey, emailKey, mailedTokenKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** A change of address that somebody asked for. */
export interface WantedEmail {
  uid: string;
  email: string;
  /** The address and the epoch of the account when it was asked for; another one of either voids the change. */
  oldEmail: string;
  epoch: string;
}

/** A change that waits for its token, `stored` as Redis has it. */
export interface OpenEmailChange extends WantedEmail {
  stored: string;
}

/** How long the token works (facts: numbers). */
export const emailChangeSeconds = 3600;

const claimSeconds = 86_400;

/** Makes a token, `uid.secret` with 256 random bits, for the reader of the new address; an older one is void from now on. */
export async function issueEmailChange(store: Store, change: WantedEmail): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const { uid, ...wanted } = change;
  const stored = JSON.stringify({ hash: hashOf(uid, secret), ...wanted });
  await store.redis.set(emailChangeKey(uid), stored, 'EX', emailChangeSeconds);
  return `${uid}.${secret}`;
}

/** The change that a token belongs to, or undefined. */
export async function findEmailChange(
  store: Store,
  { uid, secret }: { uid: string; secret: string },
): Promise<OpenEmailChange | undefined> {
  const stored = await store.redis.get(emailChangeKey(uid));
  if (stored === null) return undefined;
  const { hash, ...wanted } = JSON.parse(stored) as WantedEmail & { hash: string };
  const isRight = timingSafeEqual(Buffer.from(hash), Buffer.from(hashOf(uid, secret)));
  return isRight ? { ...wanted, uid, stored } : undefined;
}

/**
 * Makes the new address the account's, then frees the old one. `void`: it became another account's meanwhile, or the
 * account has changed. Of parallel and repeated calls one gets `changed`, the others `repeated`. Returns when it is
 * durable. The new address is claimed first and made permanent once the account durably has it, the old one is freed
 * after that: what a crash leaves behind in between, a repeat or housekeeping clears up.
 */
export async function changeEmail(
  store: Store,
  { uid, email, oldEmail, epoch, stored }: OpenEmailChange,
): Promise<'changed' | 'repeated' | 'void'> {
  const claim = emailKey(email);
  if (!(await claimFor(store, claim, uid))) return 'void';
  const keys = [accountKey(uid), emailChangeKey(uid), mailedTokenKey('reset', uid)];
  const [outcome] = await store.run('account-change-email', keys, [stored, email, oldEmail, epoch]);
  // The claim may be the account's from before or a parallel call's: what is nobody's lapses by itself.
  if (outcome !== 'changed') return 'void';
  await store.confirmDurable(accountKey(uid));
  await store.run('claim-settle', [claim], [uid, 0]);
  if (oldEmail !== '' && emailKey(oldEmail) !== claim) {
    await store.run('key-release', [emailKey(oldEmail)], [uid]);
  }
  await store.confirmDurable();
  const [end] = await store.run('key-release', [emailChangeKey(uid)], [stored]);
  return end === 'released' ? 'changed' : 'repeated';
}

/** Whether the name is the account's now. One that it has from a call that died gets its full life again. */
async function claimFor(store: Store, key: string, uid: string): Promise<boolean> {
  if ((await store.redis.set(key, uid, 'EX', claimSeconds, 'NX')) === 'OK') return true;
  if ((await store.redis.get(key)) !== uid) return false;
  await store.redis.expire(key, claimSeconds, 'XX');
  return true;
}

/** SHA-256: no slow hash is needed for 256 random bits. */
function hashOf(uid: string, secret: string): string {
  return createHash('sha256').update(['email-change', uid, secret].join('\n')).digest('base64url');
}
