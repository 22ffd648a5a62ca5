import { resultsOf } from '../check/pipeline-results.ts';
import type { GroupAcl } from '../groups/membership.ts';
import { sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { readApiKeySids } from '../sessions/with-session-list.ts';

/*
 * An API key is a session of its own: a sid in its account's partition, with some of the account's roles, no renewal
 * token, no idle life, and no part in sign-outs and the limit of sessions. Nothing secret is stored or told: its owner
 * gets a signed access token for it as often as needed, and every check asks for the session behind the token.
 */

/** An API key as its owner sees it; times in ms. */
export interface ApiKey {
  /** `apikey_` and 8 hex digits. */
  id: string;
  sid: string;
  name: string;
  roles: string[];
  acls: GroupAcl[];
  untilMs: number;
  isExpired: boolean;
}

/** The API keys of an account, oldest first; an expired one is listed for a day at most, one that was ended is not. */
export async function listApiKeys(store: Store, uid: string): Promise<ApiKey[]> {
  const sids = await readApiKeySids(store, uid);
  const pipeline = store.redis.pipeline().time();
  for (const sid of sids) pipeline.hgetall(sessionKey(sid));
  const [time, ...stored] = resultsOf(await pipeline.exec());
  const nowMs = toMs(time as [string, string]);
  return stored.flatMap((fields, index) =>
    toApiKey(sids[index] ?? '', fields as Record<string, string>, nowMs),
  );
}

/** The API key of an account with an id. */
export async function findApiKey(store: Store, uid: string, id: string): Promise<ApiKey | undefined> {
  return (await listApiKeys(store, uid)).find((key) => key.id === id);
}

function toApiKey(sid: string, fields: Record<string, string>, nowMs: number): ApiKey[] {
  const { state, apiKey: id, keyName: name = '', roles = '', acls, absoluteUntilMs } = fields;
  if (state !== 'active' || id === undefined) return [];
  const untilMs = Number(absoluteUntilMs);
  return [
    {
      ...{ id, sid, name, untilMs },
      roles: roles.split(',').filter(Boolean),
      acls: JSON.parse(acls || '[]') as GroupAcl[],
      isExpired: nowMs >= untilMs,
    },
  ];
}
