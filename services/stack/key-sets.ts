import { generateKeyPairSync, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto';
import { toSigningKey, type SigningAlgorithm, type SigningKey } from '../core/tokens/jwk.ts';
import { toJsonText, writeWhole } from './write-whole.ts';

/** When a stored key was made, began to make tokens and stopped; times as ISO 8601. Services ignore these members. */
export interface KeyHistory {
  createdAt?: string;
  activeSince?: string;
  replacedAt?: string;
  /** By then the last token of a replaced key has run out. */
  tokensUntil?: string;
}

/** A key of signing-keys.json. */
export type StoredSigningKey = JsonWebKey & KeyHistory & { kid: string };

/** A key of renewal-keys.json. */
export type StoredRenewalKey = KeyHistory & { kid: string; secret: string };

const makers: Record<SigningAlgorithm, () => KeyObject> = {
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey,
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
  HS256: () => {
    throw new TypeError('HS256 has no key pair');
  },
};

/** A fresh signing key; its kid is its thumbprint (RFC 7638 3), or random where a thumbprint would be of a secret. */
export function newSigningKey(algorithm: SigningAlgorithm): StoredSigningKey {
  const createdAt = new Date().toISOString();
  const common = { alg: algorithm, use: 'sig' } as const;
  if (algorithm === 'HS256') {
    const k = randomBytes(32).toString('base64url'); // 256 bits
    return { kty: 'oct', k, kid: randomBytes(16).toString('base64url'), ...common, createdAt };
  }
  const jwk = makers[algorithm]().export({ format: 'jwk' });
  return { ...jwk, kid: toSigningKey(jwk).kid, ...common, createdAt };
}

/** A fresh key that renewal tokens are signed with: 256 bits. */
export function newRenewalKey(): StoredRenewalKey {
  const kid = randomBytes(6).toString('hex');
  return { kid, secret: randomBytes(32).toString('base64url'), createdAt: new Date().toISOString() };
}

/** Writes a set of keys that is for its owner only. */
export function writeKeySet(file: string, keys: readonly object[]): void {
  writeWhole(file, toJsonText({ keys }), 0o600);
}

/** Writes what tokens are verified with: public keys, readable by all; with an HS256 secret for the owner only. */
export function writeVerificationKeys(file: string, keys: readonly SigningKey[]): void {
  const isSecret = keys.some(({ algorithm }) => algorithm === 'HS256');
  writeWhole(file, toJsonText({ keys: keys.map(toVerificationJwk) }), isSecret ? 0o600 : 0o644);
}

function toVerificationJwk({ publicJwk, verifyWith, kid, algorithm }: SigningKey): JsonWebKey {
  if (publicJwk) return publicJwk;
  return { kty: 'oct', k: Buffer.from(verifyWith).toString('base64url'), kid, alg: algorithm, use: 'sig' };
}
