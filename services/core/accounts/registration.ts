import { createHash, randomBytes } from 'node:crypto';
import { hashOfEmail, registrationKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** An account that somebody wants; it begins once the link that was mailed to the address is used. */
export interface Registration {
  email: string;
  /** `en`, `ar` or `fr`, for mails. */
  language: string;
  /** Id of the invitation that it came with, or ''. */
  invitation: string;
}

/** A registration as its token finds it. */
export interface FoundRegistration extends Registration {
  /** What is stored, word for word: it is used up only as long as it is still that. */
  stored: string;
}

/** How long a link works (facts: numbers). */
export const registrationSeconds = 3600;

const tokenBytes = 64;
const addressBytes = 32;

/**
 * Keeps a registration for an hour; an older one for the same address is void. Its token, 64 bytes in base64url, is the
 * SHA-256 of the address, which leads to what is stored, and 256 random bits, of which only the hash is.
 */
export async function keepRegistration(store: Store, registration: Registration): Promise<string> {
  const address = Buffer.from(hashOfEmail(registration.email), 'base64url');
  const secret = randomBytes(tokenBytes - addressBytes);
  const stored = JSON.stringify({ ...registration, tag: tagOf(secret) });
  await store.redis.set(keyOf(address), stored, 'EX', registrationSeconds);
  return Buffer.concat([address, secret]).toString('base64url');
}

/** The registration of a token, or undefined. It stays usable. */
export async function findRegistration(store: Store, token: string): Promise<FoundRegistration | undefined> {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== tokenBytes) return undefined;
  const stored = await store.redis.get(keyOf(bytes.subarray(0, addressBytes)));
  if (stored === null) return undefined;
  const { tag, ...registration } = JSON.parse(stored) as Registration & { tag: string };
  return tag === tagOf(bytes.subarray(addressBytes)) ? { ...registration, stored } : undefined;
}

/** Uses a registration up. Of parallel calls one gets true. */
export async function useRegistration(store: Store, { email, stored }: FoundRegistration): Promise<boolean> {
  const [outcome] = await store.run('key-release', [registrationKey(hashOfEmail(email))], [stored]);
  return outcome === 'released';
}

function keyOf(addressHash: Buffer): string {
  return registrationKey(addressHash.toString('base64url'));
}

/** SHA-256: no slow hash is needed for 256 random bits. */
function tagOf(secret: Buffer): string {
  return createHash('sha256').update('registration\n').update(secret).digest('base64url');
}
