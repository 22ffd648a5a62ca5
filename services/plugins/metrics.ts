import fp from 'fastify-plugin';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { localOnly } from './local-only.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where a service adds metrics of its own. */
    metrics: Registry;
  }
}

const bucketsSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** GET /metrics for Prometheus, for this machine only unless told otherwise; durations by route and status. */
export default fp<{ access: 'local' | 'everyone' }>(
  async (app, { access }) => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const durations = new Histogram({
      name: 'bednet_http_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: bucketsSeconds,
      registers: [registry],
    });
    app.decorate('metrics', registry);
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'unknown';
      durations.observe(
        { method: request.method, route, status: reply.statusCode },
        reply.elapsedTime / 1000,
      );
    });
    app.addHook('onClose', async () => registry.clear());
    const onRequest = access === 'local' ? [localOnly] : [];
    app.get('/metrics', { schema: { hide: true }, onRequest }, async (_request, reply) => {
      reply.type(registry.contentType);
      return registry.metrics();
    });
  },
  { name: 'metrics' },
);
