import { createHash } from 'node:crypto';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyPluginAsync } from 'fastify';
import { BednetError } from '../core/errors.ts';
import { localOnly } from '../plugins/local-only.ts';

/**
 * /docs: the OpenAPI documents, one for each dialect, and a page that shows them, with assets of our own. Its policy allows the page's own script by hash and
 * the styles that the script makes; nothing is loaded from elsewhere.
 */
export const docs: FastifyPluginAsync<{ access: 'local' | 'everyone' }> = async (app, { access }) => {
  if (access === 'local') app.addHook('onRequest', localOnly);
  app.addHook('onRequest', async (request) => {
    // The page builds an address from the Host header, which may be anything.
    if (!URL.canParse(`http://${request.hostname}`)) throw new BednetError('VAL_INVALID_REQUEST');
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    const isPage = String(reply.getHeader('content-type')).startsWith('text/html');
    if (isPage && typeof payload === 'string') reply.header('content-security-policy', policyOf(payload));
  });
  const names = [...app.documents.keys()];
  for (const [name, makeDocument] of app.documents) {
    app.get(addressOf(name), { schema: { hide: true } }, async () => makeDocument());
  }
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      sources: names.map((name) => ({ title: name, slug: name, url: addressOf(name) })),
      pageTitle: 'Bednet API',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
};

function addressOf(name: string): string {
  return `/docs/${name}/openapi.json`;
}

function policyOf(page: string): string {
  const scripts = [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const hashes = scripts.map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
