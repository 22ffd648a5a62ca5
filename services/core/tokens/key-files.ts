import { createHash, createPublicKey, createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RenewalKey } from './renewal-token.ts';

/** One public key that access tokens may be verified with. */
export interface VerificationKey {
  kid: string;
  algorithm: 'EdDSA' | 'ES256' | 'RS256';
  publicPem: string;
  publicJwk: JsonWebKey & { kid: string; alg: string; use: 'sig' };
}

/** The key that new access tokens are signed with, beside its public half. */
export interface SigningKey extends VerificationKey {
  privatePem: string;
}

/** Reads a private JWK set; the first key signs, all verify. Throws an Error whose message names the file's fault. */
export function readSigningKeys(file: string): SigningKey[] {
  return readJwks(file).map((jwk) => {
    if (typeof jwk.d !== 'string') throw new Error(`${file}: a key has no private part (d)`);
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    return {
      ...verificationKey(createPublicKey(privateKey), file),
      privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  });
}

/** Reads a public JWK set. A private part in it is a fault: the webhook service holds public keys only. */
export function readVerificationKeys(file: string): VerificationKey[] {
  return readJwks(file).map((jwk) => {
    if (jwk.d !== undefined) throw new Error(`${file}: holds a private key; give the public set`);
    return verificationKey(createPublicKey({ key: jwk, format: 'jwk' }), file);
  });
}

/** Reads `{"keys":[{"kid","secret"}]}`; the first key issues. Secrets are 256 bits or more in base64url. */
export function readRenewalKeys(file: string): RenewalKey[] {
  const keys = keysOf(file).map((entry) => {
    const { kid, secret } = entry as { kid?: unknown; secret?: unknown };
    if (typeof kid !== 'string' || !/^[A-Za-z0-9_-]{1,16}$/.test(kid))
      throw new Error(`${file}: a key has no proper kid`);
    return { kid, secret: secretOf(secret, file) };
  });
  return keys;
}

/** Reads a secret of 256 bits or more, written as one line of base64url. */
export function readSecret(file: string): Buffer {
  return secretOf(readFileSync(file, 'utf8').trim(), file);
}

function verificationKey(key: KeyObject, file: string): VerificationKey {
  const jwk = key.export({ format: 'jwk' });
  const algorithm = algorithmOf(key, file);
  const kid = thumbprint(jwk);
  return {
    kid,
    algorithm,
    publicPem: key.export({ type: 'spki', format: 'pem' }).toString(),
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
  };
}

function algorithmOf(key: KeyObject, file: string): VerificationKey['algorithm'] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 3072) return 'RS256';
  throw new Error(`${file}: a key must be Ed25519, P-256 or RSA of at least 3072 bits`);
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
function thumbprint(jwk: JsonWebKey): string {
  const members: Record<string, string[]> = {
    OKP: ['crv', 'kty', 'x'],
    EC: ['crv', 'kty', 'x', 'y'],
    RSA: ['e', 'kty', 'n'],
  };
  const required = (members[jwk.kty ?? ''] ?? []).map((name) => [name, jwk[name as keyof JsonWebKey]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(required)))
    .digest('base64url');
}

function readJwks(file: string): JsonWebKey[] {
  return keysOf(file) as JsonWebKey[];
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
