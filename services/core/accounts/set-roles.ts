import { setTimeout as delay } from 'node:timers/promises';
import { BednetError } from '../errors.ts';
import { isUsername, partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, sessionIndexKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { readRulesInForce } from '../rules/read-rules.ts';
import { withSessionsAndApiKeys } from '../sessions/with-session-list.ts';
import { adminRole, holdOtherAdmin, noteAdmin } from './admins.ts';

/** The roles that an account is to have from now on, instead of those that it has, and who says so. */
export interface RolesChange {
  uid: string;
  roles: readonly string[];
  actor: string;
}

/** What became of it. `sessions`: how many live sessions have the new roles. */
export type RolesChangeResult =
  | { outcome: 'changed'; roles: string[]; previousRoles: string[]; sessions: number }
  | { outcome: 'unchanged'; roles: string[] }
  | { outcome: 'unknown-account' }
  | { outcome: 'unknown-roles'; roles: string[] }
  | { outcome: 'last-admin' };

/** Roles are copied onto every session, so that their number is bounded. */
export const mostRoles = 16;

const attempts = 20;
const longestPauseMs = 50;

/**
 * Sets the roles of an account and of all its live sessions in one step: they count at the next check, and in the next
 * access token. Refuses roles that the rules don't know, unless the account has them already, and to take the role
 * `admin` from the last active account that has it. Returns when the change is durable. Throws VAL_INVALID_FORMAT if
 * one of the roles can be none or there are too many, SYS_BUSY if others change the same accounts again and again.
 */
export async function setRoles(store: Store, change: RolesChange): Promise<RolesChangeResult> {
  const roles = [...new Set(change.roles)];
  if (roles.length > mostRoles || !roles.every(isUsername)) {
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'roles' });
  }
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const result = await trySetRoles(store, { ...change, roles });
    if (result !== 'conflict') return result;
    await delay(Math.random() * longestPauseMs);
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

/** The roles among `roles` that the rules in force don't know; all of them, if those are broken. */
export async function findUnknownRoles(store: Store, roles: readonly string[]): Promise<string[]> {
  const rules = await readRulesInForce(store);
  return roles.filter((role) => !('document' in rules && Object.hasOwn(rules.document.roles, role)));
}

async function trySetRoles(
  store: Store,
  { uid, roles, actor }: RolesChange,
): Promise<RolesChangeResult | 'conflict'> {
  const seen = await readAccount(store, uid);
  if (!seen) return { outcome: 'unknown-account' };
  const newRoles = roles.filter((role) => !seen.roles.includes(role));
  const unknown = newRoles.length === 0 ? [] : await findUnknownRoles(store, newRoles);
  if (unknown.length > 0) return { outcome: 'unknown-roles', roles: unknown };
  const losesAdmin = seen.isActive && seen.roles.includes(adminRole) && !roles.includes(adminRole);
  if (losesAdmin && !(await holdOtherAdmin(store, uid))) return { outcome: 'last-admin' };

  const answer = await runSetRoles(store, { uid, roles, actor }, seen.adminHolds);
  if (answer[0] === 'refused') return answer[1] === 'conflict' ? 'conflict' : { outcome: 'unknown-account' };
  await confirmEnded(store, { uid });
  if (roles.includes(adminRole)) await noteAdmin(store, uid);
  if (answer[0] === 'unchanged') return { outcome: 'unchanged', roles: [...roles] };
  const [, previous, sessions] = answer;
  return {
    outcome: 'changed',
    roles: [...roles],
    previousRoles: toRoles(String(previous)),
    sessions: Number(sessions),
  };
}

function runSetRoles(
  store: Store,
  { uid, roles, actor }: RolesChange,
  adminHolds: string,
): Promise<ScriptAnswer> {
  return withSessionsAndApiKeys(store, uid, (list) =>
    store.run(
      'account-set-roles',
      [accountKey(uid), sessionIndexKey(uid), eventsKey(partitionOf(uid)), ...list.keys],
      [roles.join(','), adminHolds, actor, '', ...list.sids],
    ),
  );
}

async function readAccount(
  store: Store,
  uid: string,
): Promise<{ roles: string[]; isActive: boolean; adminHolds: string } | undefined> {
  const [stored, state, roles, adminHolds] = await store.redis.hmget(
    accountKey(uid),
    'uid',
    'state',
    'roles',
    'adminHolds',
  );
  if (!stored) return undefined;
  return { roles: toRoles(roles ?? ''), isActive: state === 'active', adminHolds: adminHolds ?? '0' };
}

function toRoles(csv: string): string[] {
  return csv.split(',').filter(Boolean);
}
