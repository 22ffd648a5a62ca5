import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { UnknownPage } from '../../plugins/errors.ts';
import { pagePaths } from './page-paths.ts';

/** The web page as `make page` has built it. */
export interface WebPage {
  /** Its files and its paths. */
  routes: FastifyPluginAsync;
  send(reply: FastifyReply): FastifyReply;
}

const folder = fileURLToPath(new URL('../../web/dist/', import.meta.url));

/** Stands in the built page where the nonce of each answer goes. */
const noncePlaceholder = '__CSP_NONCE__';
const oneYearSeconds = 31_536_000;

/** The page, or undefined if it was not built. It may open MQTT at `websocketUrl`. */
export function openPage(websocketUrl: string): WebPage | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  const document = readFileSync(join(folder, 'index.html'), 'utf8');
  const { protocol, host } = new URL(websocketUrl);
  const send = (reply: FastifyReply) => sendDocument(reply, document, `${protocol}//${host}`);
  return { send, routes: async (app) => addRoutes(app, send) };
}

/** The page as an answer to a browser that asks for nothing we have, outside the API; its router says so. */
export function pageForUnknown(page: WebPage, isApi: (url: string) => boolean): UnknownPage {
  return ({ method, url, headers }, reply) => {
    const isForPeople = method === 'GET' && headers.accept?.includes('text/html') === true;
    return isForPeople && !isApi(url) ? page.send(reply.status(404)) : undefined;
  };
}

/** The files have hashed names and are kept for ever; each path of the page answers with the same document. */
async function addRoutes(app: Parameters<FastifyPluginAsync>[0], send: WebPage['send']): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    cacheControl: false,
    schemaHide: true,
    setHeaders: (reply) => void reply.header('cache-control', `public, max-age=${oneYearSeconds}, immutable`),
  });
  for (const path of pagePaths) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) => send(reply));
  }
}

/** Scripts come from here only, styles from here or with the nonce of this answer: 128 random bits. */
function sendDocument(reply: FastifyReply, document: string, broker: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .header('content-security-policy', policyOf(nonce, broker))
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(document.replaceAll(noncePlaceholder, nonce));
}

function policyOf(nonce: string, broker: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${broker}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
