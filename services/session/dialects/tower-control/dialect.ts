import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';
import type { Dialect, DialectOptions } from '../dialect.ts';
import { towerErrorShape } from './answers.ts';
import { requireMarks } from './guards.ts';
import { peopleRoutes } from './people-routes.ts';
import { configRoute } from './config-route.ts';
import { passwordRoutes } from './password-routes.ts';
import { registrationRoutes } from './registration-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { signOutRoute } from './sign-out-route.ts';
import { stepRoutes } from './step-routes.ts';

const prefix = '/users/1.0';

/** The dialect of IoT Tower Control, whose reference front end works with it unchanged. */
export const towerControl: Dialect = {
  name: 'tower-control',
  title: 'Tower Control',
  paths: [prefix],
  signIn: `${prefix}/session/signin`,
  errorShape: towerErrorShape,
  routes: async (app, options) => void (await app.register(towerRoutes, { prefix, ...options })),
};

/** Who may call is said by the mark of each route. */
const towerRoutes: FastifyPluginAsync<DialectOptions> = async (app, { context, mqtt, settings }) => {
  const options = { context, mqtt, settings };
  addFinalSlashes(app);
  requireMarks(app, context);
  await app.register(sessionRoutes, options);
  await app.register(signOutRoute, options);
  await app.register(stepRoutes, options);
  await app.register(passwordRoutes, options);
  await app.register(registrationRoutes, options);
  await app.register(configRoute, options);
  for (const routes of peopleRoutes) await app.register(routes, options);
};

/** Every address is known with a slash at its end as well; the twin is not described. */
function addFinalSlashes(app: FastifyInstance): void {
  app.addHook('onRoute', function (this: FastifyInstance, route: RouteOptions & { routePath: string }) {
    if (route.routePath.endsWith('/') || route.method === 'HEAD') return;
    const schema = { ...route.schema, hide: true };
    this.route({ ...route, url: `${route.routePath}/`, schema, exposeHeadRoute: false });
  });
}
