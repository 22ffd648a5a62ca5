import jwt from '@fastify/jwt';
import Fastify from 'fastify';
import type { AccessTokenClaims } from '../core/tokens/access-token-claims.ts';
import type { SigningKey } from '../core/tokens/jwk.ts';
import type { KeyRing } from '../core/tokens/key-ring.ts';

/** `typ` in the header of every access token (RFC 9068 2.1). */
export const tokenType = 'at+jwt';

/** Signs access tokens with the first key of a ring. */
export interface TokenSigner {
  sign(claims: AccessTokenClaims): string;
  /** The key that signs now. */
  readonly kid: string;
  /** Calls `listener` whenever another key has begun to sign. */
  onChange(listener: () => void): void;
}

/** Opens a signer; it follows the ring's changes. Until a new key is prepared the one before it signs. */
export async function openTokenSigner(
  ring: KeyRing<SigningKey>,
  onFault: (error: unknown) => void,
): Promise<TokenSigner> {
  let current = await prepare(firstOf(ring));
  const listeners: (() => void)[] = [];
  const follow = async () => {
    const key = firstOf(ring);
    if (key.kid === current.kid) return;
    const prepared = await prepare(key);
    if (firstOf(ring) !== key) return;
    current = prepared;
    for (const listener of listeners) listener();
  };
  ring.onChange(() => void follow().catch(onFault));
  return {
    sign: (claims) => current.sign(claims),
    get kid() {
      return current.kid;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** @fastify/jwt prepares one signer for each registration; preparing anew for each token would take ten times as long. */
async function prepare({ kid, algorithm, signWith, verifyWith }: SigningKey) {
  const app = Fastify();
  await app.register(jwt, {
    secret: { private: signWith, public: verifyWith },
    sign: { algorithm, header: { alg: algorithm, typ: tokenType, kid } },
  });
  await app.ready();
  return { kid, sign: (claims: AccessTokenClaims) => app.jwt.sign(claims) };
}

function firstOf(ring: KeyRing<SigningKey>): SigningKey {
  const [key] = ring.keys;
  if (!key) throw new TypeError('there is no signing key');
  return key;
}
