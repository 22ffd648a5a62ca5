import { BednetError } from '../errors.ts';
import { accountKey, sessionIndexKey, sessionKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';

/** The sessions of an account: their sids and, in the same order, their keys. */
export interface SessionList {
  sids: string[];
  keys: string[];
}

const attempts = 20;

/**
 * Reads the sessions of an account (without `exceptSid`) and calls a script with them; reads again when the script
 * answers `stale` because a session came or went in between.
 */
export function withSessionList(
  store: Store,
  uid: string,
  call: (list: SessionList) => Promise<ScriptAnswer>,
  exceptSid = '',
): Promise<ScriptAnswer> {
  return untilFresh(async () => {
    const sids = await store.redis.zrange(sessionIndexKey(uid), '0', '-1');
    return sids.filter((sid) => sid !== exceptSid);
  }, call);
}

/** As withSessionList, for the sessions of an account and its API keys. */
export function withSessionsAndApiKeys(
  store: Store,
  uid: string,
  call: (list: SessionList) => Promise<ScriptAnswer>,
  exceptSid = '',
): Promise<ScriptAnswer> {
  return untilFresh(async () => {
    const reads = [store.redis.zrange(sessionIndexKey(uid), '0', '-1'), readApiKeySids(store, uid)];
    return (await Promise.all(reads)).flat().filter((sid) => sid !== exceptSid);
  }, call);
}

/** As withSessionList, for the API keys of an account alone. */
export function withApiKeyList(
  store: Store,
  uid: string,
  call: (list: SessionList) => Promise<ScriptAnswer>,
): Promise<ScriptAnswer> {
  return untilFresh(() => readApiKeySids(store, uid), call);
}

/** The sids of an account's API keys, oldest first; some may have ended. */
export async function readApiKeySids(store: Store, uid: string): Promise<string[]> {
  const sids = await store.redis.hget(accountKey(uid), 'apiKeys');
  return (sids ?? '').split(',').filter(Boolean);
}

async function untilFresh(
  read: () => Promise<string[]>,
  call: (list: SessionList) => Promise<ScriptAnswer>,
): Promise<ScriptAnswer> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const sids = await read();
    const answer = await call({ sids, keys: sids.map(sessionKey) });
    if (answer[0] !== 'stale') return answer;
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}
