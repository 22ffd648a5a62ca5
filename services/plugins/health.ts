import fp from 'fastify-plugin';
import { Type } from 'typebox';

const schema = {
  summary: 'Whether the service can do its work',
  tags: ['operation'],
  response: {
    200: Type.Object({ status: Type.Literal('ok') }, { description: 'Redis answers' }),
    503: Type.Object({ status: Type.Literal('unavailable') }, { description: 'Redis does not answer' }),
  },
};

/** GET /health: 200 while Redis answers, else 503; the cause goes to the log only. */
export default fp(
  async (app) => {
    app.get('/health', { schema }, async (request, reply) => {
      try {
        await app.store.redis.ping();
        return { status: 'ok' };
      } catch (error) {
        request.log.debug({ err: error }, 'health check failed');
        return reply.status(503).send({ status: 'unavailable' });
      }
    });
  },
  { name: 'health', dependencies: ['redis'] },
);
