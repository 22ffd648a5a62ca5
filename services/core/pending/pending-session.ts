import { pendingKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** What a sign-in may still have to do before it becomes a session. */
export type PendingStep = 'second-factor' | 'password-change' | 'terms' | 'email-verification';

/** A sign-in whose password was right and that has steps left. It has no tokens and no MQTT rights. */
export interface PendingSession {
  sid: string;
  uid: string;
  /** The account's epoch when its password was checked: a lock set meanwhile stops the last step. */
  epoch: string;
  steps: PendingStep[];
  /** Authentication methods so far (RFC 8176). */
  amr: string[];
  ip: string;
  userAgent: string;
  remember: boolean;
}

/** How long a person has for the steps (facts: native, 300 s). */
export const pendingSeconds = 300;

const mostAttempts = 5;

/** Stores a pending session for its 300 s. */
export async function createPendingSession(store: Store, pending: PendingSession): Promise<void> {
  const { sid, steps, amr, remember, ...rest } = pending;
  const key = pendingKey(sid);
  const pipeline = store.redis.pipeline();
  pipeline.hset(key, {
    ...rest,
    steps: steps.join(','),
    amr: amr.join(','),
    remember: remember ? '1' : '',
    attempts: 0,
  });
  pipeline.expire(key, pendingSeconds);
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

/** The pending session behind a sid, or undefined once it is done, ended or too old. */
export async function findPendingSession(store: Store, sid: string): Promise<PendingSession | undefined> {
  const stored = await store.redis.hgetall(pendingKey(sid));
  if (stored.uid === undefined) return undefined;
  return {
    sid,
    uid: stored.uid,
    epoch: stored.epoch ?? '',
    steps: listOf(stored.steps) as PendingStep[],
    amr: listOf(stored.amr),
    ip: stored.ip ?? '',
    userAgent: stored.userAgent ?? '',
    remember: stored.remember === '1',
  };
}

/** Takes one of five attempts at the second factor; false when there is none left, and the pending session with it. */
export async function takeAttempt(store: Store, sid: string): Promise<boolean> {
  const [outcome] = await store.run('pending-take-attempt', [pendingKey(sid)], [mostAttempts]);
  return outcome === 'taken';
}

/** What passing a step leads to. `done` goes to one caller only: it may create the session. */
export type StepResult =
  { outcome: 'done'; amr: string[] } | { outcome: 'passed'; left: PendingStep[] } | { outcome: 'refused' };

/** Strikes off a step that the caller has checked; `method` is added to the amr. */
export async function passStep(
  store: Store,
  sid: string,
  step: PendingStep,
  method = '',
): Promise<StepResult> {
  const [outcome, left, amr] = await store.run('pending-pass-step', [pendingKey(sid)], [step, method]);
  if (outcome === 'done') return { outcome, amr: listOf(String(amr)) };
  if (outcome === 'passed') return { outcome, left: listOf(String(left)) as PendingStep[] };
  return { outcome: 'refused' };
}

function listOf(csv: string | undefined): string[] {
  return (csv ?? '').split(',').filter(Boolean);
}
