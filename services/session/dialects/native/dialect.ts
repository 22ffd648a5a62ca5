import type { FastifyPluginAsync } from 'fastify';
import { publicRoutes, type NativeOptions } from './public-routes.ts';
import { signedInRoutes } from './signed-in-routes.ts';
import { signOutRoute } from './sign-out-route.ts';

/** The native dialect. Who may call is decided by the scope a route is in, never by its path. */
export const nativeDialect: FastifyPluginAsync<NativeOptions> = async (app, { context, mqtt }) => {
  const options = { context, mqtt };
  await app.register(publicRoutes, options);
  await app.register(signOutRoute, options);
  await app.register(signedInRoutes, options);
};
