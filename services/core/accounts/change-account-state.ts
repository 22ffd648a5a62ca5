import { partitionOf } from '../ids.ts';
import {
  accountKey,
  credentialKey,
  emailKey,
  eventsKey,
  expiryKey,
  loginKey,
  sessionIndexKey,
} from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { withSessionList } from '../sessions/with-session-list.ts';
import { findAccount } from './account.ts';

/** Who does it and why; both are stored on the tombstones and events. */
export interface StateChange {
  uid: string;
  reason: string;
  actor: string;
}

/** Whether something changed, and how many sessions that ended; undefined if there is no such account. */
export type StateChangeResult = { changed: boolean; sessionsEnded: number } | undefined;

/** Disables an account and ends all its sessions in one step; returns when that is durable. */
export function disableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return setState(store, change, 'disabled');
}

/** Enables an account. No ended session comes back. */
export function enableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return setState(store, change, 'active');
}

/**
 * Deletes an account: ends its sessions, frees its names, then removes its record. Each step can be repeated, so a
 * deletion that failed half-way is finished by the next call.
 */
export async function deleteAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  const { uid } = change;
  const account = await findAccount(store, uid);
  if (!account) return undefined;
  const result = await setState(store, change, 'deleted');
  await store.run('key-release', [loginKey(account.username)], [uid]);
  if (account.email) await store.run('key-release', [emailKey(account.email)], [uid]);
  await store.redis.del(accountKey(uid));
  return result;
}

async function setState(
  store: Store,
  change: StateChange,
  state: 'active' | 'disabled' | 'deleted',
): Promise<StateChangeResult> {
  const { uid, reason, actor } = change;
  const partition = partitionOf(uid);
  const [outcome, ended] = await withSessionList(store, uid, (list) =>
    store.run(
      'account-set-state',
      [
        accountKey(uid),
        credentialKey(uid),
        sessionIndexKey(uid),
        expiryKey(partition),
        eventsKey(partition),
        ...list.keys,
      ],
      [state, reason, actor, '', ...list.sids],
    ),
  );
  await store.confirmDurable();
  return outcome === 'refused' ? undefined : { changed: outcome === 'changed', sessionsEnded: Number(ended) };
}
