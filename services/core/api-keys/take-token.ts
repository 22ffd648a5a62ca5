import { partitionOf } from '../ids.ts';
import { expiryKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toLiveSession, type LiveSession } from '../sessions/session.ts';

/**
 * Lets the API key behind a sid have a token for `ttlSeconds`, never beyond its end, and MQTT rights for as long.
 * Undefined if it has ended or expired.
 */
export async function takeApiKeyToken(
  store: Store,
  sid: string,
  ttlSeconds: number,
): Promise<LiveSession | undefined> {
  const keys = [sessionKey(sid), expiryKey(partitionOf(sid))];
  const answer = await store.run('api-key-take-token', keys, [sid, ttlSeconds, '']);
  return answer[0] === 'taken' ? toLiveSession(sid, answer) : undefined;
}
