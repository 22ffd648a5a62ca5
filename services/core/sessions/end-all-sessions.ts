import { walkAccounts } from '../accounts/walk-accounts.ts';
import type { Store } from '../redis/store.ts';
import { revokeSessionsAndApiKeys } from './revoke-sessions.ts';

/** One step of ending everybody's sessions: `cursor` is the `next` of the step before, or '' for the first one. */
export interface EndAllStep {
  cursor: string;
  /** The account and session that go on. */
  kept: { uid: string; sid: string };
  reason: string;
  actor: string;
}

/** What a step did; no `next` = that was the last one. */
export interface EndAllProgress {
  accounts: number;
  sessions: number;
  next?: string;
}

const accountsPerStep = 200;
const accountsAtOnce = 20;

/**
 * Ends all sessions, and every sign-in under way, of the next 200 accounts. What a step has ended is durable when it
 * returns; repeating a step is harmless.
 */
export async function endAllSessions(store: Store, step: EndAllStep): Promise<EndAllProgress> {
  const { cursor, kept, reason, actor } = step;
  const progress = { accounts: 0, sessions: 0 };
  for await (const uids of walkAccounts(store, cursor, accountsAtOnce)) {
    const counts = await Promise.all(
      uids.map((uid) =>
        revokeSessionsAndApiKeys(store, { uid, reason, actor }, uid === kept.uid ? kept.sid : ''),
      ),
    );
    progress.accounts += uids.length;
    progress.sessions += counts.reduce((sum, count) => sum + count, 0);
    const last = uids.at(-1);
    if (progress.accounts >= accountsPerStep && last !== undefined) return { ...progress, next: last };
  }
  return progress;
}
