import fp from 'fastify-plugin';

/** Tells the caller the id under which the log has this request. */
export default fp(
  async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
    });
  },
  { name: 'request-id' },
);
