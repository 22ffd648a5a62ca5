import type { Session } from '../../../core/sessions/session.ts';

/** Roles of the core that have another name on this wire, without `ROLE_`. */
const named: Readonly<Record<string, string>> = { user: 'REGISTERED_USER', admin: 'GOD_ADMIN' };

/** Names that tell how far a sign-in is; they belong to no account. */
export const signInRoles = {
  firstFactor: 'ROLE_LOGIN_1FA',
  secondFactor: 'ROLE_LOGIN_2FA',
  complete: 'ROLE_LOGIN_COMPLETE',
  apiKey: 'ROLE_LOGIN_API',
} as const;

/** The role that everybody has who may sign in. */
export const registeredUser = 'ROLE_REGISTERED_USER';

/** Methods (RFC 8176) that stand for a second factor. */
const secondFactorMethods = ['mfa', 'mca'];

/** The name of a core role on this wire: `user-admin` is ROLE_USER_ADMIN. */
export function roleNameOf(role: string): string {
  const own = Object.hasOwn(named, role) ? named[role] : undefined;
  const name = own ?? role.toUpperCase().replaceAll('-', '_');
  const isTaken = own === undefined && (Object.values(named).includes(name) || name.startsWith('LOGIN_'));
  return isTaken ? `ROLE_OTHER_${name}` : `ROLE_${name}`;
}

/** The one of these core roles that has a name on this wire, or undefined. */
export function coreRoleOf(name: string, roles: Iterable<string>): string | undefined {
  return [...roles].find((role) => roleNameOf(role) === name);
}

/** What the account of a session is, on this wire. */
export function userRolesOf(roles: readonly string[]): string[] {
  return [...new Set([registeredUser, ...roles.map(roleNameOf)])];
}

/** What the holder of a complete sign-in, or of an API key, is on this wire. */
export function sessionRolesOf(session: Pick<Session, 'roles' | 'amr' | 'apiKey'>): string[] {
  const { firstFactor, complete, apiKey } = signInRoles;
  if (session.apiKey !== undefined) return [apiKey, complete, ...userRolesOf(session.roles)];
  return [firstFactor, ...secondFactorRole(session.amr), complete, ...userRolesOf(session.roles)];
}

/** ROLE_LOGIN_2FA, if a second factor was among the authentication methods. */
export function secondFactorRole(amr: readonly string[]): string[] {
  return secondFactorMethods.some((method) => amr.includes(method)) ? [signInRoles.secondFactor] : [];
}
