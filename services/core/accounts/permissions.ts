import { everything, isAction, unitePermissions } from '../acl/permission.ts';
import type { BrokenRules, CompiledRules } from '../acl/rules.ts';

/**
 * What the roles of an account permit, by the rules in force; nothing if those are broken. A role that the rules don't
 * know permits nothing.
 */
export function permissionsOf(roles: readonly string[], rules: CompiledRules | BrokenRules): string[] {
  if ('broken' in rules) return [];
  return unitePermissions(roles.map((role) => rules.roles.get(role)?.permissions ?? []));
}

/** Whether `permissions` include what an endpoint needs, a `resource.action`; throws TypeError if that is none. */
export function hasPermission(permissions: readonly string[], needed: string): boolean {
  if (!isAction(needed)) throw new TypeError(`${needed} is not resource.action`);
  const resource = needed.slice(0, needed.indexOf('.'));
  return [needed, `${resource}.*`, everything].some((permission) => permissions.includes(permission));
}

/** Whether one of the roles demands a second factor. Where the rules are broken, in doubt, yes. */
export function isSecondFactorRequired(
  roles: readonly string[],
  rules: CompiledRules | BrokenRules,
): boolean {
  if ('broken' in rules) return roles.length > 0;
  return roles.some((role) => rules.roles.get(role)?.isSecondFactorRequired);
}

/** Methods in `amr` of which each stands for a second factor that was passed (a mailed code is no `mfa`, but one). */
const secondFactorMethods = ['mfa', 'mca'];

/**
 * Whether a session was opened without the second factor that one of its roles demands now. Broken rules, which permit
 * nothing, take no session away: that would punish everybody for one wrong document.
 */
export function lacksSecondFactor(
  { roles, amr }: { readonly roles: readonly string[]; readonly amr: readonly string[] },
  rules: CompiledRules | BrokenRules,
): boolean {
  if ('broken' in rules || !isSecondFactorRequired(roles, rules)) return false;
  return !secondFactorMethods.some((method) => amr.includes(method));
}

/** Whether `permissions` include all of `others`: who has them could do whatever the others allow. */
export function includePermissions(permissions: readonly string[], others: readonly string[]): boolean {
  if (permissions.includes(everything)) return true;
  return others.every(
    (other) => permissions.includes(other) || permissions.includes(`${other.slice(0, other.indexOf('.'))}.*`),
  );
}
