import { sessionKey, usedGenerationKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import type { RenewalTokenContent } from '../tokens/renewal-token.ts';
import { findSession, isLive, type Session } from './session.ts';

/**
 * The session that a genuine renewal token would renew now; undefined where session-renew.lua would refuse it. Only
 * looks: nothing rotates, nothing counts as used, and a reuse is not punished before somebody tries it.
 */
export async function findRenewable(
  store: Store,
  { sid, generation }: RenewalTokenContent,
  { renewalGraceSeconds }: { renewalGraceSeconds: number },
): Promise<Session | undefined> {
  const [session, rotatedAt, usedByBroker] = await Promise.all([
    findSession(store, sid),
    store.redis.hget(sessionKey(sid), 'rotatedAtMs'),
    store.redis.zscore(usedGenerationKey(sid), 'generation'),
  ]);
  if (!session || session.apiKey !== undefined || !isLive(session)) return undefined;
  if (generation === session.generation) return session;
  if (generation !== session.generation - 1) return undefined;
  const sinceRotationMs = session.nowMs - Number(rotatedAt);
  const isInGrace = sinceRotationMs >= 0 && sinceRotationMs <= renewalGraceSeconds * 1000;
  const isChildUsed = Math.max(session.usedGeneration, Number(usedByBroker ?? 0)) >= session.generation;
  return isInGrace || !isChildUsed ? session : undefined;
}
