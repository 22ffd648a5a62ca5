import { randomBytes } from 'node:crypto';
import type { GroupAcl } from '../groups/membership.ts';
import { newSid, partitionOf } from '../ids.ts';
import { confirmEnded } from '../leases/confirm-ended.ts';
import { accountKey, eventsKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { withApiKeyList } from '../sessions/with-session-list.ts';

/** A new API key. */
export interface NewApiKey {
  uid: string;
  /** The session that makes it: it must be live, and no API key itself. */
  madeBySid: string;
  name: string;
  /** Roles that the account has. */
  roles: readonly string[];
  acls: readonly GroupAcl[];
  /** Its end in ms since 1970; absent = as late as possible. */
  untilMs?: number | undefined;
  ip: string;
}

/** What became of it. */
export type ApiKeyCreation =
  | { outcome: 'created'; id: string; sid: string; untilMs: number }
  | { outcome: 'refused'; reason: 'unknown' | 'disabled' | 'session-ended' | 'over' | 'roles' | 'full' };

/** An account may have this many that have not ended. */
export const mostApiKeys = 20;

/** Creates an API key that lives `longestSeconds` at most; returns when it is durable. */
export async function createApiKey(
  store: Store,
  key: NewApiKey,
  longestSeconds: number,
): Promise<ApiKeyCreation> {
  const { uid } = key;
  const sid = newSid(uid);
  // 32 bits: a name within one account, never a secret.
  const id = `apikey_${randomBytes(4).toString('hex')}`;
  const keys = [accountKey(uid), sessionKey(key.madeBySid), eventsKey(partitionOf(uid)), sessionKey(sid)];
  const settings = [key.untilMs ?? '', longestSeconds, mostApiKeys, key.ip, ''];
  const [outcome, detail] = await withApiKeyList(store, uid, (list) =>
    store.run(
      'api-key-create',
      [...keys, ...list.keys],
      [sid, id, key.name, key.roles.join(','), JSON.stringify(key.acls), ...settings, ...list.sids],
    ),
  );
  await confirmEnded(store, { uid });
  if (outcome === 'created') return { outcome, id, sid, untilMs: Number(detail) };
  return { outcome: 'refused', reason: detail } as ApiKeyCreation;
}
