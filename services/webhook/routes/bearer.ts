import type { FastifyInstance, FastifyRequest } from 'fastify';
import { deny, type Denial } from '../../core/check/reasons.ts';
import type { PresentedToken } from '../../core/tokens/access-token-claims.ts';
import { isCompactToken } from '../../plugins/access-token.ts';

/** A token with the right signature and claims, or why it is refused. */
export type VerifiedToken = { readonly granted: true; readonly token: PresentedToken } | Denial;

/** The token of `Authorization: Bearer`, by which token-as-username mode is known; undefined in the other mode. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined;
  return header.slice('bearer'.length).trim();
}

/** Checks form, signature and claims of a token; its time and its session are checked against Redis. */
export async function verifyToken(
  app: FastifyInstance,
  request: FastifyRequest,
  text: string,
): Promise<VerifiedToken> {
  if (!isCompactToken(text)) return deny('token-malformed');
  const token = await app.verifyAccessToken(request, text);
  return token === undefined ? deny('token-refused') : { granted: true, token };
}
