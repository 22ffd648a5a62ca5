import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BednetError } from '../../../core/errors.ts';
import type { Session } from '../../../core/sessions/session.ts';
import { callerOf, type SessionContext } from '../../session-context.ts';
import type { Holder } from './holder.ts';
import { findHolder } from './holder.ts';
import { registeredUser, roleNameOf, signInRoles } from './roles.ts';

/**
 * What a call needs: `P` nothing, `1` a right password, `R` a registered user, `C` a complete sign-in, `K` a complete
 * sign-in or an API key, `A` a complete sign-in of an administrator.
 */
export type Mark = 'P' | '1' | 'R' | 'C' | 'K' | 'A';

declare module 'fastify' {
  interface FastifyContextConfig {
    guard?: Mark;
    /** Whether the renewal token is a token, too. */
    takesRenewalToken?: boolean;
  }
  interface FastifyRequest {
    towerHolder: Holder | undefined;
  }
}

const { firstFactor, complete, apiKey } = signInRoles;
/** The roles of which one makes an administrator. */
export const adminRoles = { god: roleNameOf('admin'), user: roleNameOf('user-admin') } as const;

const isComplete = (roles: readonly string[]) => roles.includes(complete) && !roles.includes(apiKey);

const admits: Record<Mark, (roles: readonly string[]) => boolean> = {
  P: () => true,
  1: (roles) => roles.includes(firstFactor),
  R: (roles) => roles.includes(registeredUser) && !roles.includes(apiKey),
  C: isComplete,
  K: (roles) => roles.includes(complete),
  A: (roles) => isComplete(roles) && [adminRoles.god, adminRoles.user].some((role) => roles.includes(role)),
};

/**
 * Lets into this scope, before the body is read, only who has what the route's mark asks for, by the roles of now. A route
 * without a mark can't be registered.
 */
export function requireMarks(app: FastifyInstance, context: SessionContext): void {
  app.decorateRequest('towerHolder', undefined);
  app.addHook('onRoute', ({ url, config }) => void markOf(config?.guard, url));
  app.addHook('onRequest', async (request) => {
    const { config, url } = request.routeOptions;
    const mark = markOf(config.guard, url ?? '');
    if (mark === 'P') return;
    const holder = await findHolder(app, request, context);
    const { roles, kind } = holder;
    const isTaken = kind !== 'renewal' || config.takesRenewalToken === true;
    if (isTaken && admits[mark](roles)) return void (request.towerHolder = holder);
    if (kind === 'session') tellRefusal(request, holder.session, mark);
    throw new BednetError(isTaken ? 'AUTH_INSUFFICIENT_PERMISSIONS' : 'AUTH_INVALID_TOKEN');
  });
}

/** Who was let in. */
export function holderOf(request: FastifyRequest): Holder {
  if (!request.towerHolder) throw new TypeError('this route asks for no token');
  return request.towerHolder;
}

/** The session of who was let in by the mark C, K or A. */
export function sessionOf(request: FastifyRequest): Session {
  const holder = holderOf(request);
  if (holder.kind !== 'session') throw new TypeError('this route is open to more than sessions');
  return holder.session;
}

function markOf(mark: Mark | undefined, url: string): Mark {
  if (mark === undefined) throw new TypeError(`the route ${url} has no mark`);
  return mark;
}

function tellRefusal(request: FastifyRequest, { uid, sid }: Session, mark: Mark): void {
  callerOf(request).tell('permission-refused', { uid, sid, reason: `tower-control ${mark}` });
}
