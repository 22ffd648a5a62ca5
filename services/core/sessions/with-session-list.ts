import { BednetError } from '../errors.ts';
import { sessionIndexKey, sessionKey } from '../redis/keys.ts';
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
export async function withSessionList(
  store: Store,
  uid: string,
  call: (list: SessionList) => Promise<ScriptAnswer>,
  exceptSid = '',
): Promise<ScriptAnswer> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const all = await store.redis.zrange(sessionIndexKey(uid), '0', '-1');
    const sids = all.filter((sid) => sid !== exceptSid);
    const answer = await call({ sids, keys: sids.map(sessionKey) });
    if (answer[0] !== 'stale') return answer;
  }
  throw new BednetError('SYS_BUSY', { retryAfterSeconds: 1 });
}
