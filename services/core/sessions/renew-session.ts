import { partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { eventsKey, expiryKey, sessionKey, usedGenerationKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import type { RenewalTokenContent } from '../tokens/renewal-token.ts';
import { toLiveSession, type LiveSession, type SessionLives } from './session.ts';

/** What Redis decided about a renewal (design: renewal table). */
export type Renewal =
  | { outcome: 'rotated' | 'repeated'; session: LiveSession }
  | { outcome: 'refused'; reason: 'unknown' | 'revoked' | 'idle' | 'absolute' | 'not-issued' }
  | { outcome: 'reuse'; case: 'late-parent' | 'ancestor' };

/**
 * Decides one renewal by script. A reuse has revoked the session, durably, when this returns.
 * `nowMs` overrides Redis' clock in tests.
 */
export async function renewSession(
  store: Store,
  token: RenewalTokenContent,
  lives: SessionLives,
  nowMs?: number,
): Promise<Renewal> {
  return renew(store, token.sid, { generation: token.generation, lives, nowMs });
}

/** Rotates a session whatever its generation is: its person has just proved more than a renewal token does. */
export async function rotateSession(
  store: Store,
  sid: string,
  lives: SessionLives,
): Promise<LiveSession | undefined> {
  const renewal = await renew(store, sid, { generation: '', lives });
  return 'session' in renewal ? renewal.session : undefined;
}

async function renew(
  store: Store,
  sid: string,
  { generation, lives, nowMs }: { generation: number | ''; lives: SessionLives; nowMs?: number | undefined },
): Promise<Renewal> {
  const partition = partitionOf(sid);
  const answer = await store.run(
    'session-renew',
    [sessionKey(sid), expiryKey(partition), eventsKey(partition), usedGenerationKey(sid)],
    [
      sid,
      generation,
      lives.accessTtlSeconds,
      lives.renewalIdleSeconds,
      lives.renewalGraceSeconds,
      nowMs ?? '',
    ],
  );
  if (answer[0] === 'reuse' || answer[1] === 'revoked') await confirmEnded(store, { uid: sid });
  // A fail-over must not undo what somebody was told: with the new token alone they would be out.
  else await store.confirmDurable(sessionKey(sid));
  return toRenewal(sid, answer);
}

function toRenewal(sid: string, answer: ScriptAnswer): Renewal {
  const [outcome, detail] = answer;
  switch (outcome) {
    case 'rotated':
    case 'repeated':
      return { outcome, session: toLiveSession(sid, answer) };
    case 'reuse':
      return { outcome, case: detail as 'late-parent' | 'ancestor' };
    case 'refused':
      return { outcome, reason: detail as 'unknown' | 'revoked' | 'idle' | 'absolute' | 'not-issued' };
    default:
      throw new TypeError(`session-renew.lua answered ${outcome}`);
  }
}
