import type { FastifyInstance } from 'fastify';

/**
 * Lets the app close though somebody holds a request back: Node takes such a connection for busy, and looks for requests that are
 * overdue only while it listens.
 */
export function closeInTime(app: FastifyInstance, lastAnswersMs: number): void {
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), lastAnswersMs).unref();
  });
}
