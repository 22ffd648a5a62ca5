import type { Dialect } from '../dialect.ts';
import { oauthErrorShape } from './errors.ts';
import { metadataRoute } from './metadata-route.ts';
import { tokenRoutes } from './token-routes.ts';

/** The standard endpoints for other services: what is known of a token, and its end. Nobody signs in here. */
export const oauth: Dialect = {
  name: 'oauth',
  title: 'OAuth',
  paths: ['/oauth', '/.well-known/oauth-authorization-server'],
  securitySchemes: { client: { type: 'http', scheme: 'basic' } },
  errorShape: oauthErrorShape,
  routes: async (app, { context }) => {
    await app.register(metadataRoute, { issuer: context.party.issuer });
    await app.register(tokenRoutes, { context });
  },
};
