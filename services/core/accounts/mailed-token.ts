import { createHash, randomBytes } from 'node:crypto';
import { isId } from '../ids.ts';
import { mailedTokenKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** What a mailed token is good for, and nothing else. */
export type MailedTokenPurpose = 'reset' | 'verification';

/** How long each kind of token works (facts: numbers). */
export const mailedTokenSeconds: Readonly<Record<MailedTokenPurpose, number>> = {
  reset: 3600,
  verification: 86_400,
};

/** A token as its reader presents it; `address` is the one that the account has now. */
export interface PresentedMailedToken {
  purpose: MailedTokenPurpose;
  uid: string;
  secret: string;
  address: string;
}

const unconfirmedSeconds = 600;

const tokenPattern = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/**
 * Makes a token, `uid.secret` with 256 random bits, and keeps its hash; an older one of this purpose is void from now
 * on. It is bound to the address that it is mailed to. No table leads from tokens to accounts: the token says whose it is.
 */
export async function issueMailedToken(
  store: Store,
  { purpose, uid, address }: Omit<PresentedMailedToken, 'secret'>,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const hash = hashOf({ purpose, uid, secret, address });
  await store.redis.set(mailedTokenKey(purpose, uid), hash, 'EX', mailedTokenSeconds[purpose]);
  return `${uid}.${secret}`;
}

/** Takes a token apart; undefined if it has not the form of one. */
export function readMailedToken(token: string): { uid: string; secret: string } | undefined {
  const [, uid, secret] = tokenPattern.exec(token) ?? [];
  return uid !== undefined && secret !== undefined && isId(uid) ? { uid, secret } : undefined;
}

/** Whether a token would work now; it stays usable. */
export async function isMailedTokenGood(store: Store, token: PresentedMailedToken): Promise<boolean> {
  return (await store.redis.get(mailedTokenKey(token.purpose, token.uid))) === hashOf(token);
}

/** Uses a token up. Of parallel calls one gets true. */
export async function useMailedToken(store: Store, token: PresentedMailedToken): Promise<boolean> {
  const [outcome] = await store.run(
    'key-release',
    [mailedTokenKey(token.purpose, token.uid)],
    [hashOf(token)],
  );
  return outcome === 'released';
}

/**
 * Notes, for ten minutes, that a token was used up by a change whose durability could not be confirmed, so that its
 * bearer can ask again.
 */
export async function noteUnconfirmedUse(store: Store, token: PresentedMailedToken): Promise<void> {
  const key = mailedTokenKey(token.purpose, token.uid);
  await store.redis.set(key, unconfirmed(token), 'EX', unconfirmedSeconds, 'NX');
}

/** Whether a token was used up like that. */
export async function isUseUnconfirmed(store: Store, token: PresentedMailedToken): Promise<boolean> {
  return (await store.redis.get(mailedTokenKey(token.purpose, token.uid))) === unconfirmed(token);
}

/** Forgets it: the change is durable. Of parallel calls one gets true. */
export async function confirmUse(store: Store, token: PresentedMailedToken): Promise<boolean> {
  const key = mailedTokenKey(token.purpose, token.uid);
  const [outcome] = await store.run('key-release', [key], [unconfirmed(token)]);
  return outcome === 'released';
}

function unconfirmed(token: PresentedMailedToken): string {
  return `unconfirmed ${hashOf(token)}`;
}

/** SHA-256: no slow hash is needed for 256 random bits. */
function hashOf({ purpose, uid, secret, address }: PresentedMailedToken): string {
  return createHash('sha256').update([purpose, uid, address, secret].join('\n')).digest('base64url');
}
