import type { FastifyInstance, FastifyRequest, FastifyContextConfig } from 'fastify';
import { hasPermission, permissionsOf } from '../../../../core/accounts/permissions.ts';
import { BednetError } from '../../../../core/errors.ts';
import { readRolesInForce } from '../../../../core/rules/roles-in-force.ts';
import { callerOf, type SessionContext } from '../../../session-context.ts';
import { tell, type Admin } from '../../../use-cases/admin/admin.ts';
import { requireFresh } from '../../../use-cases/require-fresh.ts';
import { requireSession, sessionOf } from '../../signed-in.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller's roles must permit. */
    permission?: string;
    /** Whether the sign-in must be a fresh one (ASVS 7.5.3). */
    needsFresh?: boolean;
  }
  interface FastifyRequest {
    admin: Admin | undefined;
  }
}

/**
 * Lets into this scope only live sessions whose roles, as they are now (ASVS 8.3.2), permit what the route asks for,
 * before the body is read. A route that asks for nothing can't be registered here.
 */
export function requirePermission(app: FastifyInstance, context: SessionContext): void {
  app.addHook('onRoute', ({ url, config }) => void permissionOf(config, url));
  requireSession(app, context);
  app.decorateRequest('admin', undefined);
  app.addHook('onRequest', async (request) => {
    const { config, url } = request.routeOptions;
    request.admin = await admitAdmin(context, request, permissionOf(config, url ?? ''));
    if (config.needsFresh) requireFresh(context, request.admin.session);
  });
}

/** Who was let in. */
export function adminOf(request: FastifyRequest): Admin {
  if (!request.admin) throw new TypeError('this route is outside the admin scope');
  return request.admin;
}

function permissionOf(config: FastifyContextConfig | undefined, url: string): string {
  if (config?.permission === undefined) throw new TypeError(`the route ${url} asks for no permission`);
  return config.permission;
}

async function admitAdmin(
  { store, rules }: SessionContext,
  request: FastifyRequest,
  permission: string,
): Promise<Admin> {
  const session = sessionOf(request);
  const permissions = permissionsOf(session.roles, await readRolesInForce(store, rules));
  const admin = { session, permissions, caller: callerOf(request) };
  if (hasPermission(permissions, permission)) return admin;
  const { uid, sid } = session;
  tell(admin, 'permission-refused', { uid, sid, reason: permission });
  throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
}
