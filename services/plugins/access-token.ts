import jwt, { type SignOptions, type TokenOrHeader } from '@fastify/jwt';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  readClaims,
  type AccessTokenClaims,
  type PresentedToken,
} from '../core/tokens/access-token-claims.ts';
import type { SigningKey, VerificationKey } from '../core/tokens/key-files.ts';

/** Keys and names that access tokens are made and checked with. */
export interface AccessTokenOptions {
  issuer: string;
  audience: string;
  verificationKeys: readonly VerificationKey[];
  /** Absent in a service that signs nothing. */
  signingKey?: SigningKey;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The facts of a token that one of our keys signed for us, or undefined. Time and session are checked apart. */
    verifyAccessToken(request: FastifyRequest, token: string): Promise<PresentedToken | undefined>;
    /** Signs claims; throws if this service has no signing key. */
    signAccessToken(claims: AccessTokenClaims): string;
  }
  interface FastifyRequest {
    accessTokenText: string;
  }
}

const tokenType = 'at+jwt';
const longestToken = 4096;
const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const requiredClaims = ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'username'];

/** Access tokens as RFC 9068 has them: one algorithm per key, chosen by exact `kid`; nothing else in the header counts. */
export async function registerAccessTokens(app: FastifyInstance, options: AccessTokenOptions): Promise<void> {
  const keys = new Map(options.verificationKeys.map((key) => [key.kid, key]));
  const { signingKey } = options;
  app.decorateRequest('accessTokenText', '');
  await app.register(jwt, {
    secret: {
      public: async (_request: FastifyRequest, token: TokenOrHeader) => publicPemOf(token, keys),
      ...(signingKey && { private: signingKey.privatePem }),
    },
    decode: { complete: true },
    ...(signingKey && { sign: signOptions(signingKey) }),
    verify: {
      algorithms: [...new Set(options.verificationKeys.map((key) => key.algorithm))],
      allowedIss: options.issuer,
      allowedAud: options.audience,
      requiredClaims,
      checkTyp: tokenType,
      ignoreExpiration: true,
      ignoreNotBefore: true,
      extractToken: (request: FastifyRequest) => request.accessTokenText,
    },
  });
  app.decorate('verifyAccessToken', verifyAccessToken);
  app.decorate('signAccessToken', (claims: AccessTokenClaims) => app.jwt.sign(claims));
}

/** RFC 7515 7.1: compact form, base64url in its one canonical spelling, so that no token has a twin. */
export function isCompactToken(token: string): boolean {
  if (token.length > longestToken || !compactForm.test(token)) return false;
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}

async function verifyAccessToken(
  request: FastifyRequest,
  token: string,
): Promise<PresentedToken | undefined> {
  if (!isCompactToken(token)) return undefined;
  request.accessTokenText = token;
  try {
    return readClaims(await request.jwtVerify());
  } catch (error) {
    // No key is fetched and no store is asked here, so whatever fails is the token's fault.
    request.log.debug({ err: error }, 'access token refused');
    return undefined;
  }
}

/** Throws unless the header is exactly one of ours: `alg`, `typ`, `kid` and no `crit`, `jku`, `jwk`, `x5u` … */
function publicPemOf(token: TokenOrHeader, keys: ReadonlyMap<string, VerificationKey>): string {
  const { alg, typ, kid, ...others } = ('header' in token ? token.header : token) as Record<string, unknown>;
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  if (!key || alg !== key.algorithm || typ !== tokenType || Object.keys(others).length > 0) {
    throw new Error('the token header is not one of ours');
  }
  return key.publicPem;
}

function signOptions({ algorithm, kid }: SigningKey): Partial<SignOptions> {
  return { algorithm, header: { alg: algorithm, typ: tokenType, kid } };
}
