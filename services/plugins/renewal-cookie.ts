import cookie from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { BednetError } from '../core/errors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Throws AUTH_CROSS_SITE unless a page of ours, and no form or link elsewhere, made this request. */
    assertOwnPage(request: FastifyRequest): void;
  }
  interface FastifyRequest {
    /** The renewal token of the cookie, or undefined. */
    renewalCookie(): string | undefined;
  }
  interface FastifyReply {
    setRenewalCookie(token: string, maxAgeSeconds: number): FastifyReply;
    clearRenewalCookie(): FastifyReply;
  }
}

const name = '__Host-bednet_renewal';
const attributes = { secure: true, httpOnly: true, sameSite: 'strict', path: '/' } as const;

/**
 * A cookie that the renewal token can travel in, out of reach of scripts (ASVS 3.3.1 to 3.3.4). Browsers send it by
 * themselves, so whoever heeds it asks `assertOwnPage` first (ASVS 3.5.1, 3.5.2).
 */
export default fp<{ origins: readonly string[] }>(
  async (app, { origins }) => {
    await app.register(cookie);
    app.decorate('assertOwnPage', (request: FastifyRequest) => {
      if (!isFromOwnPage(request, origins)) throw new BednetError('AUTH_CROSS_SITE');
    });
    app.decorateRequest('renewalCookie', function (this: FastifyRequest) {
      return this.cookies[name] || undefined;
    });
    app.decorateReply('setRenewalCookie', function (this: FastifyReply, token: string, maxAge: number) {
      return this.setCookie(name, token, { ...attributes, maxAge });
    });
    app.decorateReply('clearRenewalCookie', function (this: FastifyReply) {
      return this.clearCookie(name, attributes);
    });
  },
  { name: 'renewal-cookie' },
);

/** The page's origin is listed or the API's own, and the request is of a kind that only scripts can make. */
function isFromOwnPage({ headers }: FastifyRequest, origins: readonly string[]): boolean {
  const isListed = headers.origin !== undefined && origins.includes(headers.origin);
  const isSameOrigin = headers['sec-fetch-site'] === 'same-origin';
  return (isListed || isSameOrigin) && headers['x-bednet-request'] === '1' && isJson(headers['content-type']);
}

/** Forms can't send this type, and scripts elsewhere only after a preflight that CORS_ORIGINS decides. */
function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? '');
}
