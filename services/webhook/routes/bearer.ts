import type { FastifyInstance, FastifyRequest } from 'fastify';
import { deny, type Denial } from '../../core/check/reasons.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import { isCompactToken } from '../../plugins/access-token.ts';
import type { CheckRequest } from './check-request.ts';

/** A token with the right signature and claims, or why it is refused. */
export type VerifiedToken = { readonly granted: true; readonly token: PresentedToken } | Denial;

/** Checks form, signature and claims of a token; its time and its session are checked against Redis. */
export type TokenVerifier = (text: string) => VerifiedToken | Promise<VerifiedToken>;

/** The token of `Authorization: Bearer`, by which token-as-username mode is known; undefined in the other mode. */
export function bearerToken({ headers }: CheckRequest): string | undefined {
  const header = headers.authorization;
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined;
  return header.slice('bearer'.length).trim();
}

/** The verifier of a request's tokens. One that was seen before is known at once. */
export function verifierOf(app: FastifyInstance, request: FastifyRequest): TokenVerifier {
  return (text) => findVerified(app, text) ?? verifyAnew(app, request, text);
}

/** What a token says that was verified before and has nothing to be verified again for. */
export function findVerified(app: FastifyInstance, text: string): VerifiedToken | undefined {
  const token = app.findVerifiedToken(text);
  return token && { granted: true, token };
}

async function verifyAnew(
  app: FastifyInstance,
  request: FastifyRequest,
  text: string,
): Promise<VerifiedToken> {
  if (!isCompactToken(text)) return deny('token-malformed');
  const token = await app.verifyAccessToken(request, text);
  return token === undefined ? deny('token-refused') : { granted: true, token };
}
