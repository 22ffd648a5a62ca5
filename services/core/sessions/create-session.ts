import { newSid, partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, expiryKey, sessionIndexKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toLiveSession, type LiveSession, type SessionLives } from './session.ts';
import { describeUserAgent, formatUserAgent } from './user-agent.ts';
import { withSessionList } from './with-session-list.ts';

/** Where and how somebody signed in. */
export interface SignInContext {
  uid: string;
  /** The account's epoch when its password was checked. */
  epoch: string;
  /** Authentication methods (RFC 8176). */
  amr: readonly string[];
  ip: string;
  /** The header; its label is what is kept. */
  userAgent: string;
  /** An idle life of its own, if that is shorter than the usual one. */
  idleSeconds?: number | undefined;
  /** What the client says to know its device by: shown and audited, never a proof of anything. */
  fingerprint?: string | undefined;
}

/**
 * Creates a session, ending the longest idle ones above the limit. Undefined if the account was disabled or its
 * epoch rose since the password was checked.
 */
export async function createSession(
  store: Store,
  context: SignInContext,
  lives: SessionLives,
): Promise<LiveSession | undefined> {
  const { uid } = context;
  const sid = newSid(uid);
  const partition = partitionOf(uid);
  const answer = await withSessionList(store, uid, (list) =>
    store.run(
      'session-create',
      [
        accountKey(uid),
        sessionIndexKey(uid),
        expiryKey(partition),
        eventsKey(partition),
        sessionKey(sid),
        ...list.keys,
      ],
      [
        sid,
        context.epoch,
        lives.accessTtlSeconds,
        lives.renewalIdleSeconds,
        lives.absoluteSeconds,
        lives.sessionsPerAccount,
        context.amr.join(','),
        context.ip,
        formatUserAgent(describeUserAgent(context.userAgent)),
        '',
        context.idleSeconds ?? '',
        context.fingerprint ?? '',
        ...list.sids,
      ],
    ),
  );
  await confirmEnded(store, { uid }); // It may have ended others.
  return answer[0] === 'created' ? toLiveSession(sid, answer) : undefined;
}
