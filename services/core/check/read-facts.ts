import { rulesKey, sessionKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { resultsOf, type Pipeline } from './pipeline-results.ts';

/** The stored session as far as a check looks at it; times in ms. A field that is missing or no number never grants. */
export interface SessionFacts {
  readonly uid: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly state: string;
  /** Steps to finish first, comma-separated. */
  readonly pending: string;
  /** Authentication methods (RFC 8176). */
  readonly amr: readonly string[];
  readonly accessUntilMs: number;
  readonly absoluteUntilMs: number;
  /** Why and by whom it ended; for the explanation only. */
  readonly endReason: string;
  readonly endActor: string;
}

/** All that a decision depends on, read in one round trip. */
export interface Facts {
  readonly session: SessionFacts | undefined;
  /** Undefined while nobody has written rules. */
  readonly rulesVersion: string | undefined;
  /** Redis' clock. */
  readonly nowMs: number;
}

const sessionFields = [
  'uid',
  'username',
  'roles',
  'state',
  'pending',
  'accessUntilMs',
  'absoluteUntilMs',
  'reason',
  'actor',
  'amr',
] as const;

/** Reads the facts about a session. Throws what Redis answers, or its timeout. */
export async function readFacts(store: Store, sid: string): Promise<Facts> {
  const pipeline = store.redis.pipeline();
  addReads(pipeline, sid);
  return toFacts(resultsOf(await pipeline.exec()));
}

function addReads(pipeline: Pipeline, sid: string): void {
  pipeline
    .hmget(sessionKey(sid), ...sessionFields)
    .hget(rulesKey, 'version')
    .time();
}

function toFacts([session, rulesVersion, time]: unknown[]): Facts {
  return {
    session: toSessionFacts(session as (string | null)[]),
    rulesVersion: (rulesVersion as string | null) ?? undefined,
    nowMs: toMs(time as [string, string]),
  };
}

function toSessionFacts(values: (string | null)[]): SessionFacts | undefined {
  const [uid, username, roles, state, pending, accessUntilMs, absoluteUntilMs, endReason, endActor, amr] =
    values;
  if (!uid || !username || !state) return undefined;
  return {
    uid,
    username,
    roles: (roles ?? '').split(',').filter(Boolean),
    state,
    pending: pending ?? 'unknown',
    amr: (amr ?? '').split(',').filter(Boolean),
    accessUntilMs: Number(accessUntilMs ?? Number.NaN),
    absoluteUntilMs: Number(absoluteUntilMs ?? Number.NaN),
    endReason: endReason ?? '',
    endActor: endActor ?? '',
  };
}
