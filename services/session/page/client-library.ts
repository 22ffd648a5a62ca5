import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';

const client = (file: string) => fileURLToPath(new URL(`../../client/${file}`, import.meta.url));

const script = 'text/javascript; charset=utf-8';
const files = [
  { path: '/client/bednet.js', file: client('dist/bednet.js'), type: script },
  { path: '/client/bednet.d.ts', file: client('bednet.d.ts'), type: 'text/plain; charset=utf-8' },
  // For pages without a bundler; as MQTT.js builds it for browsers.
  {
    path: '/client/mqtt.js',
    file: createRequire(import.meta.url).resolve('mqtt/dist/mqtt.esm'),
    type: script,
  },
];

/** The browser library as `make page` has built it, its types, and MQTT.js: for pages of this origin and of CORS_ORIGINS. */
export const clientLibrary: FastifyPluginAsync = async (app) => {
  for (const { path, file, type } of files) if (existsSync(file)) addFile(app, { path, file, type });
};

/** The names carry no version, so browsers ask each time whether there is a newer one. */
function addFile(
  app: FastifyInstance,
  { path, file, type }: { path: string; file: string; type: string },
): void {
  const bytes = readFileSync(file);
  const packed = gzipSync(bytes);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-cache').header('etag', etag).header('vary', 'Accept-Encoding, Origin');
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    reply.type(type);
    return takesGzip(request) ? reply.header('content-encoding', 'gzip').send(packed) : reply.send(bytes);
  });
}

function takesGzip({ headers }: FastifyRequest): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0+)?\b)/.test(String(headers['accept-encoding'] ?? ''));
}
