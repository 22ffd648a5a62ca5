import type { FastifyPluginAsync } from 'fastify';
import type { SessionContext } from '../../../session-context.ts';
import { accountActRoutes } from './account-act-routes.ts';
import { accountRoutes } from './account-routes.ts';
import { auditRoutes } from './audit-routes.ts';
import { checkRoutes } from './check-routes.ts';
import { deletedAccountRoutes } from './deleted-account-routes.ts';
import { deviceRoutes } from './device-routes.ts';
import { requirePermission } from './guard.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { metricsRoutes } from './metrics-routes.ts';
import { rulesRoutes } from './rules-routes.ts';
import { sessionRoutes } from './session-routes.ts';

/** What the routes of the admin API need. */
export interface AdminOptions {
  context: SessionContext;
}

/** The admin API: one scope, which nobody enters without the permission that the route names. */
export const adminDialect: FastifyPluginAsync<AdminOptions> = async (app, { context }) => {
  requirePermission(app, context);
  await app.register(accountRoutes, { context });
  await app.register(accountActRoutes, { context });
  await app.register(deletedAccountRoutes, { context });
  await app.register(sessionRoutes, { context });
  await app.register(deviceRoutes, { context });
  await app.register(invitationRoutes, { context });
  await app.register(rulesRoutes, { context });
  await app.register(auditRoutes, { context });
  await app.register(checkRoutes, { context });
  await app.register(metricsRoutes, { context });
};
