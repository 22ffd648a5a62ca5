import { guessKeysOf } from '../guessing/lift-delays.ts';
import { partitionOf } from '../ids.ts';
import {
  accountIndexKey,
  accountKey,
  activityKey,
  credentialKey,
  emailChangeKey,
  emailKey,
  eventsKey,
  knownNetworksKey,
  loginKey,
  mailedTokenKey,
  ownedDevicesKey,
  sessionIndexKey,
  signInsKey,
} from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** Which account, and who removes it; `atOnce` does not wait for the end of its purgatory. */
export interface Purge {
  uid: string;
  actor: string;
  atOnce: boolean;
  /** Overrides Redis' clock in tests. */
  nowMs?: number | undefined;
}

/** `not-due`: it is not deleted, or still in its purgatory. */
export type PurgeResult = { outcome: 'purged'; reason: string } | { outcome: 'unknown' | 'not-due' };

/**
 * Removes a deleted account for good, with all that is kept about the person, then frees its names. Whether it may go
 * is decided in the step that removes it, so one that was just restored stays. What a crash in between leaves claimed
 * is swept. Its names are free once the removal is durable; returns when that is durable, too.
 */
export async function purgeAccount(store: Store, { uid, actor, atOnce, nowMs }: Purge): Promise<PurgeResult> {
  const [outcome, reason, username, email] = await store.run(
    'account-purge',
    [
      accountKey(uid),
      credentialKey(uid),
      sessionIndexKey(uid),
      eventsKey(partitionOf(uid)),
      accountIndexKey(partitionOf(uid)),
      ...personalKeys(uid),
    ],
    [nowMs ?? '', actor, atOnce ? '1' : ''],
  );
  if (outcome !== 'purged') return { outcome: reason === 'unknown' ? 'unknown' : 'not-due' };
  await store.confirmDurable(accountKey(uid));
  await store.run('key-release', [loginKey(String(username))], [uid]);
  if (email) await store.run('key-release', [emailKey(String(email))], [uid]);
  await store.confirmDurable();
  return { outcome: 'purged', reason: String(reason) };
}

function personalKeys(uid: string): string[] {
  return [
    activityKey(uid),
    knownNetworksKey({ partition: partitionOf(uid), name: uid }),
    mailedTokenKey('reset', uid),
    mailedTokenKey('verification', uid),
    emailChangeKey(uid),
    signInsKey(uid),
    ownedDevicesKey(uid),
    ...guessKeysOf(uid),
  ];
}
