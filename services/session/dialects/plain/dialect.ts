import type { Dialect } from '../dialect.ts';
import { problemShape } from './problem.ts';
import { sessionRoutes } from './session-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';

/** The dialect of apps that were written for a login and a refresh address and little else. */
export const plain: Dialect = {
  name: 'plain',
  title: 'Plain',
  paths: ['/login', '/refresh', '/logout', '/me'],
  signIn: '/login',
  errorShape: problemShape,
  routes: async (app, { context, mqtt, settings }) => {
    const options = { context, mqtt, settings: settings.plain };
    await app.register(signInRoutes, options);
    await app.register(sessionRoutes, options);
  },
};
