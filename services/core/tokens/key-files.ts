import type { JsonWebKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { toSigningKey, toVerificationKey, type SigningKey, type VerificationKey } from './jwk.ts';
import type { RenewalKey } from './renewal-token.ts';

export type { SigningAlgorithm, SigningKey, VerificationKey } from './jwk.ts';

/** Reads a private JWK set; the first key signs, all verify. Throws an Error whose message names the file's fault. */
export function readSigningKeys(file: string): SigningKey[] {
  return toRing(file, toSigningKey);
}

/**
 * Reads the JWK set that tokens are verified with. A private key in it is a fault: who verifies can do without. With an
 * HS256 secret in it the file must be its owner's alone.
 */
export function readVerificationKeys(file: string): VerificationKey[] {
  const keys = toRing(file, toVerificationKey);
  const isSecret = keys.some(({ algorithm }) => algorithm === 'HS256');
  if (isSecret && statSync(file).mode & 0o077)
    throw new Error(`${file}: holds a secret that others can read`);
  return keys;
}

/** Reads `{"keys":[{"kid","secret"}]}`; the first key issues. Secrets are 256 bits or more in base64url. */
export function readRenewalKeys(file: string): RenewalKey[] {
  const keys = keysOf(file).map((entry) => {
    const { kid, secret } = entry as { kid?: unknown; secret?: unknown };
    if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,16}$/.test(kid))
      throw new Error(`${file}: a key has no proper kid`);
    return { kid, secret: secretOf(secret, file) };
  });
  assertDistinct(keys, file);
  return keys;
}

/** Reads a secret of 256 bits or more, written as one line of base64url. */
export function readSecret(file: string): Buffer {
  return secretOf(readFileSync(file, 'utf8').trim(), file);
}

/** Two algorithms are what a rotation from one to the other needs; a third would be one that nobody watches. */
function toRing<Key extends VerificationKey>(file: string, toKey: (jwk: JsonWebKey) => Key): Key[] {
  const keys = keysOf(file).map((jwk) => {
    try {
      return toKey(jwk as JsonWebKey);
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
    }
  });
  assertDistinct(keys, file);
  if (new Set(keys.map(({ algorithm }) => algorithm)).size > 2)
    throw new Error(`${file}: holds keys of more than two algorithms`);
  return keys;
}

function assertDistinct(keys: readonly { kid: string }[], file: string): void {
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length)
    throw new Error(`${file}: two keys have the same kid`);
}

function keysOf(file: string): object[] {
  const { keys } = parseObject(readFileSync(file, 'utf8'), file);
  if (
    !Array.isArray(keys) ||
    keys.length === 0 ||
    !keys.every((key) => typeof key === 'object' && key !== null)
  ) {
    throw new Error(`${file}: must be {"keys": [...]} with at least one key`);
  }
  return keys as object[];
}

/** JSON.parse would quote the text, which is secret, in its error. */
function parseObject(text: string, file: string): { keys?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Error(`${file}: is not JSON`);
  }
}

function secretOf(text: unknown, file: string): Buffer {
  const secret = Buffer.from(typeof text === 'string' ? text : '', 'base64url');
  if (secret.length < 32) throw new Error(`${file}: a secret needs at least 32 bytes of base64url`);
  return secret;
}
