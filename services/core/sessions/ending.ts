import { sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Why a session is over, for the one who held it. */
export interface Ending {
  /** One of the reasons that tombstones carry, such as `password-changed`. */
  reason: string;
  /** The account itself, somebody else with the right to, or a rule. Never a name: it is told to a stale token. */
  by: 'self' | 'operator' | 'system';
  /** ISO 8601, UTC. */
  at: string;
}

/** How an ended session ended; undefined for one that is unknown or not ended. */
export async function findEnding(store: Store, sid: string): Promise<Ending | undefined> {
  const stored = await store.redis.hmget(sessionKey(sid), 'state', 'uid', 'reason', 'actor', 'endedAtMs');
  const [state, uid, reason, actor, endedAtMs] = stored;
  if (state !== 'revoked' || !endedAtMs) return undefined;
  return {
    reason: reason ?? '',
    by: endedBy(uid ?? '', actor ?? ''),
    at: new Date(Number(endedAtMs)).toISOString(),
  };
}

function endedBy(uid: string, actor: string): Ending['by'] {
  if (actor === '' || actor === 'system') return 'system';
  return actor === uid ? 'self' : 'operator';
}
