import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../metrics.ts';

/** `GET /metrics` for Prometheus: by default only for callers on this machine. */
export function registerMetrics(
  app: FastifyInstance,
  { registry }: Metrics,
  access: 'local' | 'everyone',
): void {
  app.get('/metrics', async (request, reply) => {
    if (access === 'local' && !isLocal(request.socket.remoteAddress)) return reply.callNotFound();
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** A Unix socket has no remote address. */
function isLocal(address: string | undefined): boolean {
  return address === undefined || /^(127\.|::1$|::ffff:127\.)/.test(address);
}
