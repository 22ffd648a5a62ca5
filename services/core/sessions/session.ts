import { sessionIndexKey, sessionKey } from '../redis/keys.ts';
import type { ScriptAnswer, Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';
import { describeUserAgent, parseUserAgent, type UserAgentLabel } from './user-agent.ts';

/** Lives of a session and its tokens. */
export interface SessionLives {
  accessTtlSeconds: number;
  renewalIdleSeconds: number;
  absoluteSeconds: number;
  renewalGraceSeconds: number;
  sessionsPerAccount: number;
}

/** A live session with what its next pair of tokens is made from; times in ms unless named otherwise. */
export interface LiveSession {
  sid: string;
  uid: string;
  username: string;
  roles: string[];
  generation: number;
  nowMs: number;
  accessUntilMs: number;
  idleUntilMs: number;
  absoluteUntilMs: number;
  authTimeSeconds: number;
  /** Authentication methods (RFC 8176). */
  amr: string[];
}

/** A session as stored, live or not; times in ms unless named otherwise. */
export interface Session {
  sid: string;
  uid: string;
  username: string;
  roles: string[];
  state: 'active' | 'revoked';
  generation: number;
  usedGeneration: number;
  absoluteUntilMs: number;
  idleUntilMs: number;
  authTimeSeconds: number;
  /** Authentication methods (RFC 8176). */
  amr: string[];
  createdAtMs: number;
  lastSeenMs: number;
  ip: string;
  userAgent: UserAgentLabel;
  fingerprint: string | undefined;
  /** The id of the API key that this is, if it is one. */
  apiKey?: string | undefined;
  /** Redis' clock at the time of the read. */
  nowMs: number;
}

/** Reads a session and Redis' clock in one round trip; undefined if there is none. */
export async function findSession(store: Store, sid: string): Promise<Session | undefined> {
  const pipeline = store.redis.pipeline();
  pipeline.hgetall(sessionKey(sid));
  pipeline.time();
  const [fields, time] = (await pipeline.exec()) ?? [];
  const error = fields?.[0] ?? time?.[0];
  if (error) throw error;
  const stored = fields?.[1] as Record<string, string>;
  if (stored.uid === undefined) return undefined;
  return toSession(sid, stored, toMs(time?.[1] as [string, string]));
}

/** The live sessions of an account, newest first. */
export async function listSessions(store: Store, uid: string): Promise<Session[]> {
  const sids = await store.redis.zrange(sessionIndexKey(uid), '0', '-1');
  const sessions = await Promise.all(sids.map((sid) => findSession(store, sid)));
  return sessions
    .filter((session) => session !== undefined)
    .filter(isLive)
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}

/** Whether a session is neither revoked nor past its idle or absolute life. */
export function isLive(session: Session): boolean {
  return (
    session.state === 'active' &&
    session.nowMs < session.absoluteUntilMs &&
    session.nowMs < session.idleUntilMs
  );
}

/** The session facts in the answer of session-create.lua or session-renew.lua. */
export function toLiveSession(sid: string, answer: ScriptAnswer): LiveSession {
  const [
    ,
    nowMs,
    generation,
    accessUntilMs,
    idleUntilMs,
    absoluteUntilMs,
    uid,
    username,
    roles,
    authTimeSeconds,
    amr,
  ] = answer;
  return {
    sid,
    uid: String(uid),
    username: String(username),
    roles: String(roles).split(',').filter(Boolean),
    generation: Number(generation),
    nowMs: Number(nowMs),
    accessUntilMs: Number(accessUntilMs),
    idleUntilMs: Number(idleUntilMs),
    absoluteUntilMs: Number(absoluteUntilMs),
    authTimeSeconds: Number(authTimeSeconds),
    amr: String(amr).split(',').filter(Boolean),
  };
}

function toSession(sid: string, stored: Record<string, string>, nowMs: number): Session {
  return {
    sid,
    uid: stored.uid ?? '',
    username: stored.username ?? '',
    roles: (stored.roles ?? '').split(',').filter(Boolean),
    state: stored.state === 'active' ? 'active' : 'revoked',
    generation: Number(stored.generation),
    usedGeneration: Number(stored.usedGeneration),
    absoluteUntilMs: Number(stored.absoluteUntilMs),
    idleUntilMs: Number(stored.idleUntilMs),
    authTimeSeconds: Number(stored.authTimeSeconds),
    amr: (stored.amr ?? '').split(',').filter(Boolean),
    createdAtMs: Number(stored.createdAtMs),
    lastSeenMs: Number(stored.lastSeenMs),
    ip: stored.ip ?? '',
    userAgent: toUserAgent(stored),
    fingerprint: stored.fingerprint,
    apiKey: stored.apiKey,
    nowMs,
  };
}

/** A session of before labels were kept has the header itself. */
function toUserAgent({ label, userAgent }: Record<string, string>): UserAgentLabel {
  return label === undefined ? describeUserAgent(userAgent ?? '') : parseUserAgent(label);
}
