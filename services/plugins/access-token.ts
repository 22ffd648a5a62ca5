import jwt, { type FastifyJWTOptions, type TokenOrHeader } from '@fastify/jwt';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readClaims, type PresentedToken } from '../core/tokens/access-token-claims.ts';
import { signingAlgorithms, type SigningAlgorithm, type VerificationKey } from '../core/tokens/jwk.ts';
import type { KeyRing } from '../core/tokens/key-ring.ts';
import { createVerifiedTokens, type VerifiedTokens } from '../core/tokens/verified-tokens.ts';
import { tokenType } from './token-signer.ts';

/** Keys and names that access tokens are checked with. */
export interface AccessTokenOptions {
  issuer: string;
  audience: string;
  keys: KeyRing<VerificationKey>;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The facts of a token that one of our keys signed for us, or undefined. Time and session are checked apart. */
    verifyAccessToken(request: FastifyRequest, token: string): Promise<PresentedToken | undefined>;
    /** The same at once of a token that was verified before, with a key that still counts; else undefined. */
    findVerifiedToken(token: string): PresentedToken | undefined;
  }
  interface FastifyRequest {
    accessTokenText: string;
  }
}

const longestToken = 4096;
const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const requiredClaims = ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'username'];

/**
 * Access tokens as RFC 9068 has them. A key is chosen by exact `kid`, and each algorithm has a verifier of its own that
 * knows no other (RFC 8725 3.1); nothing else in the header counts.
 */
export async function registerAccessTokens(app: FastifyInstance, options: AccessTokenOptions): Promise<void> {
  app.decorateRequest('accessTokenText', '');
  for (const algorithm of signingAlgorithms) await app.register(jwt, verifierOptions(algorithm, options));
  const verified = createVerifiedTokens(options.keys);
  app.decorate('findVerifiedToken', verified.find);
  app.decorate(
    'verifyAccessToken',
    async (request: FastifyRequest, token: string) =>
      verified.find(token) ?? verifyAccessToken(request, token, { keys: options.keys, verified }),
  );
}

/** RFC 7515 7.1: compact form, base64url in its one canonical spelling, so that no token has a twin. */
export function isCompactToken(token: string): boolean {
  if (token.length > longestToken || !compactForm.test(token)) return false;
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

function verifierOptions(
  algorithm: SigningAlgorithm,
  { issuer, audience, keys }: AccessTokenOptions,
): FastifyJWTOptions {
  return {
    namespace: algorithm,
    jwtVerify: verifierName(algorithm),
    secret: {
      public: async (_request: FastifyRequest, token: TokenOrHeader) =>
        getKey('header' in token ? token.header : token, keys).verifyWith,
    },
    decode: { complete: true },
    verify: {
      algorithms: [algorithm],
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims,
      checkTyp: tokenType,
      ignoreExpiration: true,
      ignoreNotBefore: true,
      extractToken: (request: FastifyRequest) => request.accessTokenText,
    },
  };
}

async function verifyAccessToken(
  request: FastifyRequest,
  token: string,
  { keys, verified }: { keys: KeyRing<VerificationKey>; verified: VerifiedTokens },
): Promise<PresentedToken | undefined> {
  if (!isCompactToken(token)) return undefined;
  request.accessTokenText = token;
  try {
    const key = getKey(headerOf(token), keys);
    const claims = readClaims(await verifyWith(request, key.algorithm));
    if (claims !== undefined) verified.keep(token, { token: claims, key });
    return claims;
  } catch (error) {
    // No key is fetched and no store is asked here, so whatever fails is the token's fault.
    request.log.debug({ err: error }, 'access token refused');
    return undefined;
  }
}

/** The key of a header that is exactly one of ours: `alg`, `typ`, `kid` and no `crit`, `jku`, `jwk`, `x5u` … */
function getKey(header: object, keys: KeyRing<VerificationKey>): VerificationKey {
  const { alg, typ, kid, ...others } = header as Record<string, unknown>;
  if (typ === tokenType && typeof kid === 'string' && Object.keys(others).length === 0) {
    const key = keys.find(kid);
    if (key && alg === key.algorithm) return key;
  }
  throw new Error('the token header is not one of ours');
}

/** JSON.parse would quote a stranger's header in its error. */
function headerOf(token: string): object {
  try {
    return Object(JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8')));
  } catch {
    throw new Error('the token header is not JSON');
  }
}

function verifyWith(request: FastifyRequest, algorithm: SigningAlgorithm): Promise<unknown> {
  const verifiers = request as unknown as Record<string, () => Promise<unknown>>;
  return verifiers[verifierName(algorithm)]?.() ?? Promise.reject(new TypeError(`no verifier: ${algorithm}`));
}

function verifierName(algorithm: SigningAlgorithm): string {
  return `verify${algorithm}Token`;
}
