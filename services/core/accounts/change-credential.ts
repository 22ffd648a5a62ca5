import { partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, credentialKey, eventsKey, expiryKey, sessionIndexKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { withSessionList, withSessionsAndApiKeys, type SessionList } from '../sessions/with-session-list.ts';

/** A change of what an account signs in with. */
export interface CredentialChange {
  uid: string;
  /** The field whose stored value the caller checked ('' = none), and that value ('' = it was absent). */
  checked: { field: string; value: string };
  /** Fields to set; '' removes one. */
  fields: Record<string, string>;
  /** The session that goes on, or '' to end all. */
  keepSid: string;
  reason: 'password-changed' | 'password-reset' | 'second-factor-changed';
  actor: string;
}

/**
 * Stores the change and ends every other session, for a reset also the API keys, in one step. False if the account is gone or the checked value is no
 * longer the stored one. Returns when the change is durable.
 */
export async function changeCredential(store: Store, change: CredentialChange): Promise<boolean> {
  const { uid, checked, keepSid, reason, actor } = change;
  const fields = Object.entries(change.fields).flat();
  const partition = partitionOf(uid);
  const run = (list: SessionList) =>
    store.run(
      'credential-change',
      [
        accountKey(uid),
        credentialKey(uid),
        sessionIndexKey(uid),
        expiryKey(partition),
        eventsKey(partition),
        ...list.keys,
      ],
      [checked.field, checked.value, keepSid, reason, actor, '', fields.length, ...fields, ...list.sids],
    );
  const [outcome] =
    reason === 'password-reset'
      ? await withSessionsAndApiKeys(store, uid, run)
      : await withSessionList(store, uid, run, keepSid);
  await confirmEnded(store, change);
  return outcome === 'changed';
}
