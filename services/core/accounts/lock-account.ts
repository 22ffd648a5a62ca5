import { BednetError } from '../errors.ts';
import { partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, expiryKey, sessionIndexKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { withSessionsAndApiKeys } from '../sessions/with-session-list.ts';
import { holdIfAdmin, type StateChange, type StateChangeResult } from './change-account-state.ts';

const attempts = 20;

/**
 * Locks an account against sign-ins and ends all its sessions and API keys in one step, whether it is enabled or not;
 * returns when that is durable. Undefined if there is no such account. Throws RES_LAST_ADMIN for the last active account
 * with the role `admin`, SYS_BUSY if others change the same accounts again and again.
 */
export async function lockAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answer = await runLock(store, change, '1', await holdIfAdmin(store, change.uid));
    if (answer[1] === 'conflict') continue;
    await confirmEnded(store, change);
    return toResult(answer);
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}

/** Takes the lock away; no ended session comes back. Undefined if there is no such account. */
export async function unlockAccount(store: Store, change: StateChange): Promise<StateChangeResult> {
  const answer = await runLock(store, change, '', '');
  await confirmEnded(store, change);
  return toResult(answer);
}

function runLock(
  store: Store,
  { uid, reason, actor }: StateChange,
  locked: '1' | '',
  adminHolds: string,
): Promise<ScriptAnswer> {
  const partition = partitionOf(uid);
  const keys = [accountKey(uid), sessionIndexKey(uid), expiryKey(partition), eventsKey(partition)];
  return withSessionsAndApiKeys(store, uid, (list) =>
    store.run('account-lock', [...keys, ...list.keys], [locked, reason, actor, '', adminHolds, ...list.sids]),
  );
}

function toResult([outcome, sessionsEnded]: ScriptAnswer): StateChangeResult {
  if (outcome === 'refused') return undefined;
  return { changed: outcome === 'changed', sessionsEnded: Number(sessionsEnded) };
}
