import type { FastifyPluginAsync } from 'fastify';
import { activityRoute } from './activity-route.ts';
import { changePasswordRoute } from './change-password-route.ts';
import { addCookieTransport } from './cookie-transport.ts';
import { pendingRoutes } from './pending-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import { publicRoutes, type NativeOptions } from './public-routes.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { signedInRoutes } from './signed-in-routes.ts';
import { signOutRoute } from './sign-out-route.ts';

/** The native dialect. Who may call is decided by the scope a route is in, never by its path. */
export const nativeDialect: FastifyPluginAsync<NativeOptions> = async (app, { context, mqtt }) => {
  const options = { context, mqtt };
  addCookieTransport(app, context);
  await app.register(publicRoutes, options);
  await app.register(pendingRoutes, options);
  await app.register(secondFactorRoutes, options);
  await app.register(mailRoutes, options);
  await app.register(changePasswordRoute, options);
  await app.register(signOutRoute, options);
  await app.register(signedInRoutes, options);
  await app.register(activityRoute, options);
};
