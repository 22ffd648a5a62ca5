import type { FastifyPluginAsync } from 'fastify';
import type { Dialect } from '../dialect.ts';
import { accountChangeRoutes } from './account-change-routes.ts';
import { activityRoute } from './activity-route.ts';
import { changePasswordRoute } from './change-password-route.ts';
import { configRoute } from './config-route.ts';
import { adminDialect } from './admin/dialect.ts';
import { nativeErrorBody } from './answers.ts';
import { addCookieTransport } from './cookie-transport.ts';
import { ownDeviceRoutes } from './own-device-routes.ts';
import { pendingRoutes } from './pending-routes.ts';
import { mailRoutes } from './mail-routes.ts';
import { publicRoutes, type NativeOptions } from './public-routes.ts';
import { secondFactorRoutes } from './second-factor-routes.ts';
import { signedInRoutes } from './signed-in-routes.ts';
import { signOutRoute } from './sign-out-route.ts';

/** The dialect that Bednet's own page speaks. The admin API is part of it. */
export const native: Dialect = {
  name: 'native',
  title: 'Native',
  paths: ['/api'],
  signIn: '/api/auth/login',
  errorShape: (error, request) => ({ body: nativeErrorBody(error, request) }),
  routes: async (app, { context, mqtt }) => {
    await app.register(accountRoutes, { prefix: '/api/auth', context, mqtt });
    await app.register(adminDialect, { prefix: '/api/admin', context });
  },
};

/** Who may call is decided by the scope a route is in, never by its path. */
const accountRoutes: FastifyPluginAsync<NativeOptions> = async (app, { context, mqtt }) => {
  const options = { context, mqtt };
  addCookieTransport(app, context);
  await app.register(configRoute, options);
  await app.register(publicRoutes, options);
  await app.register(pendingRoutes, options);
  await app.register(secondFactorRoutes, options);
  await app.register(mailRoutes, options);
  await app.register(changePasswordRoute, options);
  await app.register(signOutRoute, options);
  await app.register(signedInRoutes, options);
  await app.register(activityRoute, options);
  await app.register(accountChangeRoutes, options);
  await app.register(ownDeviceRoutes, options);
};
