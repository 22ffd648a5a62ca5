import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';

/** The floor of a webhook on Fastify: parses the body, decides nothing, answers a grant. */
const grant = '{"Ok":true,"Error":""}';

// The same connection settings as the webhook service's.
const app = Fastify({
  keepAliveTimeout: 3_600_000,
  requestTimeout: 10_000,
  http: { headersTimeout: 5_000 },
});
for (const path of ['/user', '/acl', '/disconnects']) {
  app.post(path, async (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(grant),
  );
}
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as AddressInfo).port });
