import { pendingKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** What a sign-in may still have to do before it becomes a session. */
export type PendingStep =
  'second-factor' | 'second-factor-setup' | 'password-change' | 'terms' | 'email-verification';

/**
 * `pick-up`, always the last, is no work: where each step is a call of its own whose answer carries no tokens, they are
 * fetched by one more call.
 */
export type StoredStep = PendingStep | 'pick-up';

/** A sign-in whose password was right and that has steps left. It has no tokens and no MQTT rights. */
export interface PendingSession {
  sid: string;
  uid: string;
  /** The account's epoch when its password was checked: a lock set meanwhile stops the last step. */
  epoch: string;
  steps: StoredStep[];
  /** Authentication methods so far (RFC 8176). */
  amr: string[];
  remember: boolean;
  fingerprint: string;
  /** Where it began. */
  ip: string;
  userAgent: string;
  /** Tag of the newest mailed code, or ''. */
  mailTag: string;
}

/** How long a person has for the steps (facts: native, 300 s). */
export const pendingSeconds = 300;

/** How long it has from the first mailed code on, so that this code lives as long (facts: 600 s). */
const mailedSeconds = 600;

const mostAttempts = 5;
const mostMails = 3;
const longestUserAgent = 256;

/** Stores a pending session, for 300 s by default. */
export async function createPendingSession(
  store: Store,
  pending: Omit<PendingSession, 'mailTag'>,
  lifeSeconds = pendingSeconds,
): Promise<void> {
  const { sid, uid, epoch, steps, amr, remember, fingerprint, ip, userAgent } = pending;
  const facts = [uid, epoch, steps.join(','), amr.join(',')];
  const circumstances = [remember ? '1' : '', fingerprint, ip, userAgent.slice(0, longestUserAgent)];
  await store.run('pending-create', [pendingKey(sid)], [lifeSeconds, ...facts, ...circumstances]);
}

/** The pending session behind a sid, or undefined once it is done, ended or too old. */
export async function findPendingSession(store: Store, sid: string): Promise<PendingSession | undefined> {
  const stored = await store.redis.hgetall(pendingKey(sid));
  if (stored.uid === undefined) return undefined;
  return {
    sid,
    uid: stored.uid,
    epoch: stored.epoch ?? '',
    steps: listOf(stored.steps) as StoredStep[],
    amr: listOf(stored.amr),
    remember: stored.remember === '1',
    fingerprint: stored.fingerprint ?? '',
    ip: stored.ip ?? '',
    userAgent: stored.userAgent ?? '',
    mailTag: stored.mailTag ?? '',
  };
}

/** Takes one of five attempts at the second factor; false when there is none left: then the sign-in can't go on. */
export async function takeAttempt(store: Store, sid: string): Promise<boolean> {
  const [outcome] = await store.run('pending-take-attempt', [pendingKey(sid)], [mostAttempts]);
  return outcome === 'taken';
}

/**
 * Keeps the tag of a code to be mailed, at most three times; the first time the sign-in gets 600 s from now. False when
 * that is used up or the sign-in is over.
 */
export async function keepMailTag(store: Store, sid: string, tag: string): Promise<boolean> {
  const [outcome] = await store.run('pending-mail-code', [pendingKey(sid)], [tag, mostMails, mailedSeconds]);
  return outcome === 'kept';
}

/** How many seconds a pending session has left, rounded up. */
export async function findSecondsLeft(store: Store, sid: string): Promise<number> {
  return Math.max(0, Math.ceil((await store.redis.pttl(pendingKey(sid))) / 1000));
}

/** When a pending session lapses, in seconds since 1970 by Redis' clock; now, if it is over. */
export async function findEndSeconds(store: Store, sid: string): Promise<number> {
  const [[seconds], leftMs] = await Promise.all([store.redis.time(), store.redis.pttl(pendingKey(sid))]);
  return Number(seconds) + Math.max(0, Math.floor(leftMs / 1000));
}

/** Ends a pending session before it has become anything. False if it was over. */
export async function endPendingSession(store: Store, sid: string): Promise<boolean> {
  return (await store.redis.del(pendingKey(sid))) === 1;
}

/** What passing a step leads to. `done` goes to one caller only: it may create the session. */
export type StepResult =
  | { outcome: 'done'; amr: string[]; epoch: string }
  | { outcome: 'passed'; left: StoredStep[] }
  | { outcome: 'refused' };

/** A step that its caller has checked. */
export interface PassedStep {
  step: StoredStep;
  /** Authentication methods that it adds (RFC 8176, csv), or ''. */
  methods?: string;
  /** Whether it changed the account's own credential, which raises the account's epoch by one. */
  isOwnChange?: boolean;
}

/** Strikes off a step that the caller has checked. */
export async function passStep(
  store: Store,
  sid: string,
  { step, methods = '', isOwnChange = false }: PassedStep,
): Promise<StepResult> {
  const args = [step, methods, isOwnChange ? 1 : 0];
  const [outcome, left, amr, epoch] = await store.run('pending-pass-step', [pendingKey(sid)], args);
  if (outcome === 'done') return { outcome, amr: listOf(String(amr)), epoch: String(epoch) };
  if (outcome === 'passed') return { outcome, left: listOf(String(left)) as StoredStep[] };
  return { outcome: 'refused' };
}

function listOf(csv: string | undefined): string[] {
  return (csv ?? '').split(',').filter(Boolean);
}
