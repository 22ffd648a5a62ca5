import type { FastifyRequest } from 'fastify';

/** The text after `Authorization: Bearer`, the only place where an access token counts (RFC 6750 2.1), or undefined. */
export function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
