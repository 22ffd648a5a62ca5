import { setAccountFields } from '../accounts/set-account-fields.ts';
import { accountKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { resultsOf } from '../check/pipeline-results.ts';

/** Roles that an account has in one group only; for clients to heed, no check looks at them. */
export interface GroupAcl {
  /** The shortId of the group. */
  group: string;
  /** What the account calls it. */
  localName: string;
  roles: string[];
}

/** To which groups an account belongs. */
export interface Membership {
  /** shortIds. A group that is gone may still be named. */
  groups: string[];
  acls: GroupAcl[];
}

/** Both are kept on the account, so their number is bounded. */
export const mostGroupsOfAccount = 32;

/** The memberships of accounts, in their order and in one round trip. */
export async function findMemberships(store: Store, uids: readonly string[]): Promise<Membership[]> {
  const pipeline = store.redis.pipeline();
  for (const uid of uids) pipeline.hmget(accountKey(uid), 'groups', 'acls');
  return resultsOf(await pipeline.exec()).map((fields) => toMembership(fields as (string | null)[]));
}

/** The membership of one account; an empty one if there is no such account. */
export async function findMembership(store: Store, uid: string): Promise<Membership> {
  const [membership] = await findMemberships(store, [uid]);
  return membership ?? { groups: [], acls: [] };
}

/** Sets what is named of a membership. False if there is no such account. */
export function setMembership(
  store: Store,
  uid: string,
  { groups, acls }: Partial<Membership>,
): Promise<boolean> {
  return setAccountFields(store, uid, {
    ...(groups && { groups: groups.join(',') }),
    ...(acls && { acls: acls.length === 0 ? '' : JSON.stringify(acls) }),
  });
}

/** Whether both belong to a group that there is: same shortId, not one above or below. */
export function shareGroup(
  a: readonly string[],
  b: readonly string[],
  existing: ReadonlyMap<string, unknown>,
): boolean {
  return a.some((shortId) => b.includes(shortId) && existing.has(shortId));
}

function toMembership([groups, acls]: (string | null)[]): Membership {
  return {
    groups: (groups ?? '').split(',').filter(Boolean),
    acls: JSON.parse(acls || '[]') as GroupAcl[],
  };
}
