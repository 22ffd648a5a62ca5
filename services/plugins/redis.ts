import fp from 'fastify-plugin';
import { untilAuditWritten } from '../core/audit/append.ts';
import type { Store } from '../core/redis/store.ts';

declare module 'fastify' {
  interface FastifyInstance {
    store: Store;
  }
}

const lastFactsMs = 1000;

/** Decorates the service with its store, closes it at the end, and logs once when Redis goes and when it comes back. */
export default fp<{ store: Store }>(
  async (app, { store }) => {
    let reachable: boolean | undefined = store.redis.status === 'ready' || undefined; // Undefined: not known yet.
    store.redis.on('error', (error: Error) => {
      if (reachable !== false)
        app.log.error({ err: error }, 'Redis is out of reach: answers are 503 until it is back');
      else app.log.debug({ err: error }, 'Redis is still out of reach');
      reachable = false;
    });
    store.redis.on('node error', (error: Error, node: string) => {
      app.log.debug({ err: error, node }, 'a node of Redis is out of reach: answers that need it are 503');
    });
    store.redis.on('close', () => {
      if (!reachable) return; // An error has told why, or will.
      app.log.error('The connection to Redis was lost: answers are 503 until it is back');
      reachable = false;
    });
    store.redis.on('ready', () => {
      if (!reachable) app.log.info('Redis answers');
      reachable = true;
    });
    app.decorate('store', store);
    app.addHook('onClose', async () => {
      reachable = false;
      await untilAuditWritten(store, lastFactsMs);
      store.close();
    });
  },
  { name: 'redis' },
);
