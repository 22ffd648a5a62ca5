import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OauthClient } from './clients.ts';

/** A fresh secret: 256 random bits in base64url. It is shown once and stored as a hash. */
export function newClientSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret; one SHA-256 is enough for 256 random bits. */
export function hashClientSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether a secret is a client's, or the one before it while both work. An unknown client takes as long. */
export function isSecretOf(client: OauthClient | undefined, secret: string, nowMs: number): boolean {
  const hash = hashClientSecret(secret);
  const isCurrent = isSame(hash, client?.secretHash);
  const isPrevious = isSame(hash, client?.previousSecretHash);
  return isCurrent || (isPrevious && nowMs < (client?.previousUntilMs ?? 0));
}

function isSame(hash: string, stored = ''): boolean {
  const expected = Buffer.from(stored.padEnd(hash.length));
  return (
    timingSafeEqual(Buffer.from(hash), expected.subarray(0, hash.length)) && stored.length === hash.length
  );
}
