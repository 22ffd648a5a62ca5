import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { connectionsCheckingInterval } from '../plugins/server-options.ts';
import type { Lane } from './lane/lane.ts';

/** Owner and group: the broker's user joins the group. */
const socketMode = 0o660;

/** Serves the app on a Unix socket as well, until the app closes. A socket that a dead service left is replaced. */
export async function listenOnSocket(
  { app, lane }: { app: FastifyInstance; lane: Lane },
  path: string,
): Promise<void> {
  const { keepAliveTimeout, requestTimeout, headersTimeout } = app.server;
  const limits = { keepAliveTimeout, requestTimeout, headersTimeout, connectionsCheckingInterval };
  const server = createServer(limits, app.routing);
  lane.putBefore(server);
  app.addHook('preClose', async () => {
    server.close();
    server.closeAllConnections();
  });
  await app.ready();
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) rmSync(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(path, resolve);
  await promise;
  chmodSync(path, socketMode);
}
