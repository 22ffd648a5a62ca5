import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** The algorithms that access tokens can be signed with (RFC 7518 3.1, RFC 8037 3.1); the first is the default. */
export const signingAlgorithms = ['EdDSA', 'ES256', 'RS256', 'HS256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** A public key as others may read it. */
export type PublicJwk = JsonWebKey & { kid: string; alg: string; use: 'sig' };

/** One key that access tokens may be verified with: for its one algorithm only (RFC 8725 3.1). */
export interface VerificationKey {
  kid: string;
  algorithm: SigningAlgorithm;
  /** The public key as PEM; for HS256 the secret itself. */
  verifyWith: string | Buffer;
  /** Absent for HS256: there is nothing that may be shown. */
  publicJwk: PublicJwk | undefined;
}

/** A key that access tokens can be signed with too. */
export interface SigningKey extends VerificationKey {
  /** The private key as PEM; for HS256 the secret. */
  signWith: string | Buffer;
}

const leastSecretBytes = 32; // RFC 7518 3.2
const leastModulusBits = 3072;
const kidPattern = /^[A-Za-z0-9_-]{1,64}$/;
const thumbprintMembers: Record<string, string[]> = {
  OKP: ['crv', 'kty', 'x'],
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
};

/** The signing key of a private JWK, or of a secret one for HS256. Throws an Error that says what is wrong with it. */
export function toSigningKey(jwk: JsonWebKey): SigningKey {
  if (jwk.kty === 'oct') return toSharedKey(jwk);
  if (typeof jwk.d !== 'string') throw new Error('a key has no private part (d)');
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  return {
    ...toPublicKey(createPublicKey(privateKey), jwk),
    signWith: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** The verification key of a public JWK, or of a secret one for HS256. A private key is a fault. */
export function toVerificationKey(jwk: JsonWebKey): VerificationKey {
  if (jwk.kty === 'oct') return toSharedKey(jwk);
  if (jwk.d !== undefined) throw new Error('holds a private key; give the public set');
  return toPublicKey(createPublicKey({ key: jwk, format: 'jwk' }), jwk);
}

/** HMAC has one key for both sides. Its kid is given, not derived: a hash of a secret is not for every reader. */
function toSharedKey(jwk: JsonWebKey & { kid?: unknown }): SigningKey {
  const { kid, k } = jwk;
  const secret = Buffer.from(typeof k === 'string' ? k : '', 'base64url');
  if (secret.length < leastSecretBytes) throw new Error('an HS256 secret must have at least 256 bits');
  if (typeof kid !== 'string' || !kidPattern.test(kid))
    throw new Error('an HS256 key needs a kid of its own');
  assertDeclared(jwk, 'HS256');
  return { kid, algorithm: 'HS256', verifyWith: secret, signWith: secret, publicJwk: undefined };
}

function toPublicKey(key: KeyObject, declared: JsonWebKey): VerificationKey {
  const jwk = key.export({ format: 'jwk' });
  const algorithm = algorithmOf(key);
  assertDeclared(declared, algorithm);
  const kid = thumbprint(jwk);
  return {
    kid,
    algorithm,
    verifyWith: key.export({ type: 'spki', format: 'pem' }).toString(),
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
  };
}

/** A key that is meant for something else is not bent to ours (RFC 7517 4.2, 4.4). */
function assertDeclared(
  { alg = '', use = 'sig' }: Record<string, unknown>,
  algorithm: SigningAlgorithm,
): void {
  if (use !== 'sig') throw new Error('a key is not for signatures (use)');
  if (alg !== '' && alg !== algorithm)
    throw new Error(`a key of ${algorithm} is said to be for another algorithm`);
}

function algorithmOf(key: KeyObject): SigningAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return 'EdDSA';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= leastModulusBits) return 'RS256';
  throw new Error('a key must be Ed25519, P-256, RSA of at least 3072 bits, or a secret for HS256');
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
function thumbprint(jwk: JsonWebKey): string {
  const names = thumbprintMembers[jwk.kty ?? ''] ?? [];
  const members = names.map((name) => [name, jwk[name as keyof JsonWebKey]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url');
}
