import { adminRole } from '../../../core/accounts/admins.ts';
import { permissionsOf } from '../../../core/accounts/permissions.ts';
import { findApiKey, listApiKeys, type ApiKey } from '../../../core/api-keys/api-key.ts';
import { createApiKey } from '../../../core/api-keys/create-api-key.ts';
import { takeApiKeyToken } from '../../../core/api-keys/take-token.ts';
import { BednetError } from '../../../core/errors.ts';
import { readGroups } from '../../../core/groups/groups.ts';
import { findMembership, type GroupAcl } from '../../../core/groups/membership.ts';
import { confirmEnded } from '../../../core/leases/confirm-ended.ts';
import { readRolesInForce } from '../../../core/rules/roles-in-force.ts';
import { revokeSession } from '../../../core/sessions/revoke-sessions.ts';
import type { LiveSession, Session } from '../../../core/sessions/session.ts';
import { accessTokenClaims } from '../../../core/tokens/access-token-claims.ts';
import type { Caller, SessionContext } from '../../session-context.ts';
import { requireFresh } from '../require-fresh.ts';
import { groupAdminRole } from './reach.ts';

/** The role that lets its holder make API keys. */
export const apiKeyRole = 'user-apikey';

/** What an API key never has: who administers is a person. */
const neverGiven = [adminRole, groupAdminRole, apiKeyRole];

/** What somebody says of a new API key. */
export interface ApiKeyWish {
  name: string;
  roles: readonly string[];
  acls: readonly GroupAcl[];
  /** Its end in ms since 1970; absent = as late as possible. */
  untilMs?: number | undefined;
}

/** Why there is no new API key. */
export type ApiKeyRefusal = 'unauthorized-role' | 'over' | 'full';

/**
 * Makes an API key with some of the roles of its owner. It outlives the session, so that has to be a fresh one: throws
 * AUTH_STEP_UP_REQUIRED, AUTH_INSUFFICIENT_PERMISSIONS without the role for it, AUTH_TOKEN_REVOKED.
 */
export async function makeApiKey(
  context: SessionContext,
  session: Session,
  wish: ApiKeyWish,
  caller: Caller,
): Promise<ApiKeyRefusal | undefined> {
  const { uid, sid } = session;
  if (!session.roles.includes(apiKeyRole)) throw new BednetError('AUTH_INSUFFICIENT_PERMISSIONS');
  requireFresh(context, session);
  if (!(await mayGive(context, session, wish))) return 'unauthorized-role';
  const key = { ...wish, uid, madeBySid: sid, ip: caller.ip };
  const creation = await createApiKey(context.store, key, context.apiKeys.longestSeconds);
  if (creation.outcome === 'created') {
    caller.tell('api-key-created', {
      uid,
      sid: creation.sid,
      reason: `${creation.id} ${wish.roles.join(' ')}`,
    });
    return undefined;
  }
  switch (creation.reason) {
    case 'roles':
      return 'unauthorized-role';
    case 'over':
    case 'full':
      return creation.reason;
    default:
      throw new BednetError('AUTH_TOKEN_REVOKED');
  }
}

/** The API keys of a session's account, oldest first. */
export function listOwnApiKeys({ store }: SessionContext, { uid }: Session): Promise<ApiKey[]> {
  return listApiKeys(store, uid);
}

/**
 * Ends an API key of a session's account: its next check is denied. Throws RES_NOT_FOUND, also if it has ended already,
 * once that is confirmed.
 */
export async function endApiKey(
  context: SessionContext,
  session: Session,
  id: string,
  caller: Caller,
): Promise<void> {
  const { uid } = session;
  const key = await findApiKey(context.store, uid, id);
  if (!key) {
    await confirmEnded(context.store, { uid });
    throw new BednetError('RES_NOT_FOUND');
  }
  await revokeSession(context.store, key.sid, { uid, reason: 'api-key-deleted', actor: uid });
  caller.tell('api-key-deleted', { uid, sid: key.sid, reason: id });
}

/**
 * A signed access token for an API key, undefined if that is expired. It outlives the session, so that has to be a fresh
 * one: throws AUTH_STEP_UP_REQUIRED; RES_NOT_FOUND for other people's keys, too. `describe` gives claims for clients that
 * read their access token.
 */
export async function tokenOfApiKey(
  context: SessionContext,
  session: Session,
  { id, describe }: { id: string; describe(key: LiveSession): Readonly<Record<string, unknown>> },
  caller: Caller,
): Promise<string | undefined> {
  const { store, rules, apiKeys, party } = context;
  requireFresh(context, session);
  const key = await getOwnApiKey(context, session, id);
  const live = key.isExpired ? undefined : await takeApiKeyToken(store, key.sid, apiKeys.tokenSeconds);
  if (!live) return undefined;
  caller.tell('api-key-token-taken', { uid: session.uid, sid: key.sid, reason: id });
  const permissions = permissionsOf(live.roles, await readRolesInForce(store, rules));
  const claims = accessTokenClaims({ ...live, permissions }, party);
  return context.signAccessToken({ ...describe(live), ...claims, role: live.roles[0] ?? '' });
}

async function getOwnApiKey({ store }: SessionContext, { uid }: Session, id: string): Promise<ApiKey> {
  const key = await findApiKey(store, uid, id);
  if (!key) throw new BednetError('RES_NOT_FOUND');
  return key;
}

/** Whether the owner has all the roles, and those of each ACL either so or by an ACL of their own. */
async function mayGive(
  { store }: SessionContext,
  session: Session,
  { roles, acls }: ApiKeyWish,
): Promise<boolean> {
  const isOwn = (role: string) => session.roles.includes(role) && !neverGiven.includes(role);
  if (!roles.every(isOwn)) return false;
  if (acls.length === 0) return true;
  const [own, groups] = await Promise.all([findMembership(store, session.uid), readGroups(store)]);
  return acls.every(({ group, roles: asked }) => {
    if (!groups.has(group)) return false;
    if (own.groups.includes(group)) return asked.every(isOwn);
    const acl = own.acls.find((each) => each.group === group);
    return acl !== undefined && asked.every((role) => acl.roles.includes(role) && !neverGiven.includes(role));
  });
}
