import { BednetError } from '../errors.ts';
import { partitionOf } from '../ids.ts';
import {
  accountIndexKey,
  accountKey,
  credentialKey,
  emailKey,
  eventsKey,
  expiryKey,
  loginKey,
  sessionIndexKey,
} from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { withSessionList } from '../sessions/with-session-list.ts';
import { findAccount } from './account.ts';
import { adminRole, holdOtherAdmin } from './admins.ts';

/** Who does it and why; both are stored on the tombstones and events. */
export interface StateChange {
  uid: string;
  reason: string;
  actor: string;
}

/** Whether something changed, and how many sessions that ended; undefined if there is no such account. */
export type StateChangeResult = { changed: boolean; sessionsEnded: number } | undefined;

const attempts = 20;

/**
 * Disables an account and ends all its sessions in one step; returns when that is durable. Throws RES_LAST_ADMIN for
 * the last active account with the role `admin`.
 */
export function disableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return setState(store, change, 'disabled');
}

/** Enables an account. No ended session comes back. */
export function enableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return setState(store, change, 'active');
}

/**
 * Deletes an account: ends its sessions, frees its names, then removes its record. Each step can be repeated, so a
 * deletion that failed half-way is finished by the next call. Throws RES_LAST_ADMIN as disableAccount does.
 */
export async function deleteAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  const { uid } = change;
  const account = await findAccount(store, uid);
  if (!account) return undefined;
  const result = await setState(store, change, 'deleted');
  await store.run('key-release', [loginKey(account.username)], [uid]);
  if (account.email) await store.run('key-release', [emailKey(account.email)], [uid]);
  await store.redis.zrem(accountIndexKey(partitionOf(uid)), uid);
  await store.redis.del(accountKey(uid));
  return result;
}

async function setState(
  store: Store,
  change: StateChange,
  state: 'active' | 'disabled' | 'deleted',
): Promise<StateChangeResult> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const adminHolds = state === 'active' ? '' : await holdIfAdmin(store, change.uid);
    const [outcome, detail] = await runSetState(store, change, state, adminHolds);
    if (outcome === 'refused' && detail === 'conflict') continue;
    await store.confirmDurable();
    return outcome === 'refused'
      ? undefined
      : { changed: outcome === 'changed', sessionsEnded: Number(detail) };
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

/** The account's adminHolds; if it is an active admin, another one is held before this one may go (see admins.ts). */
async function holdIfAdmin(store: Store, uid: string): Promise<string> {
  const [state, roles, adminHolds] = await store.redis.hmget(accountKey(uid), 'state', 'roles', 'adminHolds');
  const isAdmin = state === 'active' && roles?.split(',').includes(adminRole);
  if (isAdmin && !(await holdOtherAdmin(store, uid))) throw new BednetError('RES_LAST_ADMIN');
  return adminHolds ?? '0';
}

function runSetState(
  store: Store,
  { uid, reason, actor }: StateChange,
  state: string,
  adminHolds: string,
): Promise<ScriptAnswer> {
  const partition = partitionOf(uid);
  const keys = [
    accountKey(uid),
    credentialKey(uid),
    sessionIndexKey(uid),
    expiryKey(partition),
    eventsKey(partition),
  ];
  return withSessionList(store, uid, (list) =>
    store.run(
      'account-set-state',
      [...keys, ...list.keys],
      [state, reason, actor, '', adminHolds, ...list.sids],
    ),
  );
}
