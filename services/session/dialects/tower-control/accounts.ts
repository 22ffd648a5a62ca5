import type { FastifyRequest } from 'fastify';
import type { Acl } from '../../../contract/tower-control-people.ts';
import { BednetError } from '../../../core/errors.ts';
import type { GroupAcl } from '../../../core/groups/membership.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import type { SessionContext } from '../../session-context.ts';
import { noAccess, userNotFound, type Refusal, type Refusals } from './answers.ts';
import { uidOfLoginId } from './login-id.ts';
import { coreRoleOf, roleNameOf } from './roles.ts';

/** Said of a `login` that is missing or empty, and of a body that is not as described. */
export const loginInvalid: Refusal = [400, 'user-profile-login-invalid'];

/** How a route says that an account is out of reach or that there is none. */
export function who(status: 400 | 403): Refusals {
  const unknown: Refusal = [status, userNotFound];
  return {
    AUTH_INSUFFICIENT_PERMISSIONS: [status, noAccess[1]],
    RES_NOT_FOUND: unknown,
    RES_ACCOUNT_DELETED: unknown,
    RES_LAST_ADMIN: noAccess,
  };
}

/** The uid behind the `login` of a body, undefined if it is nobody's. Throws VAL_MISSING_FIELD without one. */
export function targetOf({ body }: FastifyRequest): string | undefined {
  const { login } = (body ?? {}) as { login?: string | null };
  if (!login) throw new BednetError('VAL_MISSING_FIELD', { field: 'login' });
  return uidOfLoginId(login);
}

/** Translates names of roles into those of the core; undefined for a name that no role in force has. */
export async function readRoleNames({
  store,
  rules,
}: SessionContext): Promise<(name: string) => string | undefined> {
  const inForce = await readRolesInForce(store, rules);
  const roles = 'broken' in inForce ? [] : [...inForce.roles.keys()];
  return (name) => coreRoleOf(name, roles);
}

/** ACLs as they are written on this wire. */
export function toAcls(acls: readonly GroupAcl[]): Acl[] {
  return acls.map(({ group, localName, roles }) => ({ group, localName, roles: roles.map(roleNameOf) }));
}
