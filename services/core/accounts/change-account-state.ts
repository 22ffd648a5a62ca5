import { setTimeout as delay } from 'node:timers/promises';
import { BednetError } from '../errors.ts';
import { partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, expiryKey, sessionIndexKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { withSessionsAndApiKeys } from '../sessions/with-session-list.ts';
import { adminRole, holdOtherAdmin } from './admins.ts';

/** Who does it and why; both are stored on the tombstones and events. */
export interface StateChange {
  uid: string;
  reason: string;
  actor: string;
}

/** A deletion, and for how long it can be undone. */
export interface Deletion extends StateChange {
  purgatorySeconds: number;
}

/** Whether something changed, and how many sessions that ended; undefined if there is no such account. */
export type StateChangeResult = { changed: boolean; sessionsEnded: number } | undefined;

/** As of any change of state, and when the account is removed for good. */
export type DeletionResult = (Exclude<StateChangeResult, undefined> & { purgeAtMs: number }) | undefined;

/** Whether it was deleted, and what it is now; undefined if there is no such account (any more). */
export type RestorationResult = { changed: boolean; state: 'active' | 'disabled' } | undefined;

const attempts = 20;
/** Two admins who take each other away at the same pace would never come to an end. */
const longestPauseMs = 50;

/**
 * Disables an account and ends all its sessions in one step; returns when that is durable. Throws RES_LAST_ADMIN for
 * the last active account with the role `admin`.
 */
export async function disableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return withoutEnd(await setState(store, change, 'disabled'));
}

/** Enables an account, but never one that is deleted. No ended session comes back. */
export async function enableAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  return withoutEnd(await setState(store, change, 'active'));
}

/**
 * Deletes an account and ends all its sessions in one step. It keeps its names and its password until the end of its
 * purgatory, so that it can be restored; then housekeeping removes it. Returns when that is durable. Deleting it again
 * changes nothing, not even the end. Throws RES_LAST_ADMIN as disableAccount does.
 */
export function deleteAccount(
  store: Store,
  { purgatorySeconds, ...change }: Deletion,
): Promise<DeletionResult> {
  return setState(store, change, 'deleted', purgatorySeconds);
}

/** Takes an account out of its purgatory: it is active or disabled as before. No ended session comes back. */
export async function restoreAccount(
  store: Store,
  { uid, reason, actor }: StateChange,
): Promise<RestorationResult> {
  const keys = [accountKey(uid), eventsKey(partitionOf(uid))];
  const [outcome, state] = await store.run('account-restore', keys, [reason, actor, '']);
  await confirmEnded(store, { uid });
  if (outcome === 'refused') return undefined;
  return { changed: outcome === 'restored', state: state === 'active' ? 'active' : 'disabled' };
}

function withoutEnd(result: DeletionResult): StateChangeResult {
  return result && { changed: result.changed, sessionsEnded: result.sessionsEnded };
}

async function setState(
  store: Store,
  change: StateChange,
  state: 'active' | 'disabled' | 'deleted',
  purgatorySeconds: number | '' = '',
): Promise<DeletionResult> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const adminHolds = state === 'active' ? '' : await holdIfAdmin(store, change.uid);
    const decided = { ...change, state, adminHolds, purgatorySeconds };
    const [outcome, detail, purgeAtMs] = await runSetState(store, decided);
    if (outcome === 'refused' && detail === 'conflict') {
      await delay(Math.random() * longestPauseMs);
      continue;
    }
    await confirmEnded(store, change);
    if (outcome === 'refused') return undefined;
    const changed = outcome === 'changed';
    return { changed, sessionsEnded: Number(detail), purgeAtMs: Number(purgeAtMs) };
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

/** The account's adminHolds; if it is an active admin, another one is held before this one may go (see admins.ts). */
export async function holdIfAdmin(store: Store, uid: string): Promise<string> {
  const [state, roles, adminHolds] = await store.redis.hmget(accountKey(uid), 'state', 'roles', 'adminHolds');
  const isAdmin = state === 'active' && roles?.split(',').includes(adminRole);
  if (isAdmin && !(await holdOtherAdmin(store, uid))) throw new BednetError('RES_LAST_ADMIN');
  return adminHolds ?? '0';
}

/** A change of state that is decided, as the script takes it. */
interface DecidedChange extends StateChange {
  state: string;
  adminHolds: string;
  purgatorySeconds: number | '';
}

function runSetState(store: Store, change: DecidedChange): Promise<ScriptAnswer> {
  const { uid, state, reason, actor, adminHolds, purgatorySeconds } = change;
  const partition = partitionOf(uid);
  const keys = [accountKey(uid), sessionIndexKey(uid), expiryKey(partition), eventsKey(partition)];
  return withSessionsAndApiKeys(store, uid, (list) =>
    store.run(
      'account-set-state',
      [...keys, ...list.keys],
      [state, reason, actor, '', adminHolds, purgatorySeconds, ...list.sids],
    ),
  );
}
