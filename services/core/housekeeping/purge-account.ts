import { appendAudit } from '../audit/append.ts';
import type { GuessKind } from '../guessing/account-tries.ts';
import { partitionOf } from '../ids.ts';
import {
  accountIndexKey,
  accountKey,
  activityKey,
  credentialKey,
  emailKey,
  eventsKey,
  guessesKey,
  knownNetworksKey,
  loginKey,
  sessionIndexKey,
} from '../redis/keys.ts';
import type { StepContext } from './step.ts';

const guessKinds = ['password', 'second-factor', 'backup-code', 'mail-code'] satisfies GuessKind[];

/**
 * Deletes an account for good if it is due, with all that is kept about the person, then frees its names. Whether it is
 * due is decided in the step that deletes it, so one that was just restored or verified stays.
 * True if it was deleted.
 */
export async function purgeAccount({ store, counts, nowMs }: StepContext, uid: string): Promise<boolean> {
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
    [nowMs ?? ''],
  );
  if (outcome !== 'purged') return false;
  await store.run('key-release', [loginKey(String(username))], [uid]);
  if (email) await store.run('key-release', [emailKey(String(email))], [uid]);
  appendAudit(store, { event: 'account-purged', actor: 'system', uid, reason: String(reason) });
  counts.accountsPurged += 1;
  return true;
}

function personalKeys(uid: string): string[] {
  const account = { partition: partitionOf(uid), name: uid };
  return [
    activityKey(uid),
    knownNetworksKey(account),
    ...guessKinds.map((kind) => guessesKey(account, kind)),
  ];
}
