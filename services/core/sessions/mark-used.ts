import { sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import type { Session } from './session.ts';

const touchEveryMs = 60_000;

/**
 * Notes that an access token of a generation was seen, so that its parent renewal token counts as replaced, and
 * that the session was active. Writes at most once per generation and once a minute.
 */
export async function markUsed(
  store: Store,
  sid: string,
  session: Session,
  generation: number,
): Promise<void> {
  const known = generation <= session.usedGeneration && session.nowMs - session.lastSeenMs < touchEveryMs;
  if (!known) await store.run('session-mark-used', [sessionKey(sid)], [generation, '']);
}
