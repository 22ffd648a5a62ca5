import { groupsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/**
 * A group of accounts. It says who belongs together, and so whom an administrator of users reaches; it gives nobody a
 * topic.
 */
export interface Group {
  shortId: string;
  name: string;
  description: string;
  /** Whether it is meant for alerts; for clients, nothing here looks at it. */
  isAlertGroup: boolean;
  /** The shortId of the group above, or ''. */
  parent: string;
}

/** All groups are read at once, so their number is bounded. */
export const mostGroups = 500;

const shortIdPattern = /^[A-Za-z0-9_-]{1,32}$/;

/** Whether a text can name a group. */
export function isShortId(text: string): boolean {
  return shortIdPattern.test(text);
}

/** All groups by shortId, in the order of their names. */
export async function readGroups(store: Store): Promise<Map<string, Group>> {
  const stored = await store.redis.hgetall(groupsKey);
  const groups = Object.entries(stored).map(([shortId, text]) => toGroup(shortId, text));
  return new Map(
    groups.sort((a, b) => a.name.localeCompare(b.name, 'en')).map((group) => [group.shortId, group]),
  );
}

/** Why a group could not be kept or removed. */
export type GroupFault = 'taken' | 'unknown' | 'no-parent' | 'has-children' | 'too-many';

/** Creates a group. A parent is there before its children and never changes, so groups never form a ring. */
export async function createGroup(store: Store, group: Group): Promise<GroupFault | undefined> {
  const { shortId, ...rest } = group;
  const groups = await readGroups(store);
  if (groups.has(shortId)) return 'taken';
  if (group.parent !== '' && !groups.has(group.parent)) return 'no-parent';
  if (groups.size >= mostGroups) return 'too-many';
  await store.redis.hset(groupsKey, shortId, JSON.stringify(rest));
  await store.confirmDurable();
  return undefined;
}

/**
 * Removes a group without children; that there is none is confirmed as well. Accounts that name it are then in no such
 * group.
 */
export async function deleteGroup(store: Store, shortId: string): Promise<GroupFault | undefined> {
  const groups = await readGroups(store);
  if (!groups.has(shortId)) {
    await store.confirmDurable(groupsKey);
    return 'unknown';
  }
  if ([...groups.values()].some(({ parent }) => parent === shortId)) return 'has-children';
  await store.redis.hdel(groupsKey, shortId);
  await store.confirmDurable();
  return undefined;
}

function toGroup(shortId: string, text: string): Group {
  const { name, description, isAlertGroup, parent } = JSON.parse(text) as Omit<Group, 'shortId'>;
  return { shortId, name, description, isAlertGroup, parent };
}
