import { partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, expiryKey, sessionIndexKey, sessionKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { withSessionList, withSessionsAndApiKeys, type SessionList } from './with-session-list.ts';

/** Why a session ends and who ends it; stored on the tombstone. */
export interface Revocation {
  uid: string;
  reason: string;
  actor: string;
}

/**
 * Ends one session of an account: its tombstone is durable when this returns, and no check that starts later is
 * granted. Returns false if it was not live any more. Repeating it is harmless.
 */
export async function revokeSession(store: Store, sid: string, revocation: Revocation): Promise<boolean> {
  const list = { sids: [sid], keys: [sessionKey(sid)] };
  return (await revoke(store, revocation, list, 'listed')) > 0;
}

/**
 * Ends all sessions of an account but `keepSid`, and every sign-in under way; API keys go on. Returns how many it ended.
 */
export async function revokeAllSessions(store: Store, revocation: Revocation, keepSid = ''): Promise<number> {
  const run = (list: SessionList) => runRevoke(store, revocation, list, 'all', keepSid);
  const [, ended] = await withSessionList(store, revocation.uid, run, keepSid);
  await confirmEnded(store, revocation);
  return Number(ended);
}

/** As revokeAllSessions, but API keys end as well: what an operator does to an account that may be in wrong hands. */
export async function revokeSessionsAndApiKeys(
  store: Store,
  revocation: Revocation,
  keepSid = '',
): Promise<number> {
  const run = (list: SessionList) => runRevoke(store, revocation, list, 'all-and-keys', keepSid);
  const [, ended] = await withSessionsAndApiKeys(store, revocation.uid, run, keepSid);
  await confirmEnded(store, revocation);
  return Number(ended);
}

async function revoke(
  store: Store,
  revocation: Revocation,
  list: SessionList,
  scope: 'listed',
): Promise<number> {
  const [, ended] = await runRevoke(store, revocation, list, scope, '');
  await confirmEnded(store, revocation);
  return Number(ended);
}

function runRevoke(
  store: Store,
  { uid, reason, actor }: Revocation,
  list: SessionList,
  scope: 'listed' | 'all' | 'all-and-keys',
  keepSid: string,
): Promise<ScriptAnswer> {
  const partition = partitionOf(uid);
  return store.run(
    'sessions-revoke',
    [accountKey(uid), sessionIndexKey(uid), expiryKey(partition), eventsKey(partition), ...list.keys],
    [scope, keepSid, reason, actor, '', ...list.sids],
  );
}
