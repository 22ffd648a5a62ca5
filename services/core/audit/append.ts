import { activityKey, auditKey } from '../redis/keys.ts';
import { inOneWrite } from '../redis/in-one-write.ts';
import { isStoreUnavailable, type Store } from '../redis/store.ts';
import { auditEvents, type AuditEvent } from './events.ts';

/**
 * A security fact. There is no field for a password, code, token or key; what is not a field here is not recorded.
 * `reason` may be an operator's words.
 */
export interface AuditFact {
  event: AuditEvent;
  /** Who did it: a uid, `system`, what the command line calls its user; '' where nobody knows, as at a failed sign-in. */
  actor: string;
  /** The account, session and device that it concerns. */
  uid?: string | undefined;
  sid?: string | undefined;
  device?: string | undefined;
  /** From where. */
  ip?: string | undefined;
  reason?: string | undefined;
}

/** Something to be written: one entry of the log, or of an account's activity. */
interface Entry {
  script: 'audit-append' | 'activity-append';
  key: string;
  /** What the script takes, around how long ago it happened. */
  limits: number[];
  happenedAtMs: number;
  content: string[];
}

interface Backlog {
  waiting: Entry[];
  lost: number;
  writing: Promise<void> | undefined;
}

const mostLogEntries = 100_000;
const mostActivityEntries = 100;
const activitySeconds = 400 * 86_400;
const mostWaiting = 2000;
const mostAtOnce = 100;
const retryMs = 500;
const longestText = 256;
const factFields = ['event', 'actor', 'uid', 'sid', 'device', 'ip', 'reason'] as const;

const backlogs = new WeakMap<Store, Backlog>();

/**
 * Records a fact in the audit log and, where it concerns an account, in that account's recent activity. It returns at
 * once, never throws and never waits for Redis: while Redis is away up to 2,000 entries wait, further ones are lost and
 * counted. An entry whose confirmation got lost is written again, so it may be there twice.
 */
export function appendAudit(store: Store, fact: AuditFact): void {
  const backlog = backlogOf(store);
  for (const entry of entriesOf(fact)) {
    if (backlog.waiting.length >= mostWaiting) backlog.lost += 1;
    else backlog.waiting.push(entry);
  }
  if (backlog.waiting.length > 0) backlog.writing ??= write(store, backlog);
}

/** How many entries of this store's facts could not be written. */
export function countAuditLosses(store: Store): number {
  return backlogOf(store).lost;
}

/** Returns true once all that was told so far is written or lost, false if that takes longer than `timeoutMs`. */
export async function untilAuditWritten(store: Store, timeoutMs: number): Promise<boolean> {
  const { writing } = backlogOf(store);
  if (writing === undefined) return true;
  const { promise: timeIsUp, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([writing.then(() => true), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}

function backlogOf(store: Store): Backlog {
  const backlog = backlogs.get(store) ?? { waiting: [], lost: 0, writing: undefined };
  backlogs.set(store, backlog);
  return backlog;
}

function entriesOf(fact: AuditFact): Entry[] {
  const { outcome, keptIn } = auditEvents[fact.event];
  if (keptIn === 'none') return [];
  const happenedAtMs = performance.now();
  const fields = [...fieldsOf(fact), ['outcome', outcome] as const];
  const limits = [mostLogEntries];
  const log: Entry = { script: 'audit-append', key: auditKey, limits, happenedAtMs, content: fields.flat() };
  return keptIn === 'log' || !fact.uid ? [log] : [log, activityEntry(fact.uid, fields, happenedAtMs)];
}

/** The list is the account's own, so its entries needn't say whose they are. */
function activityEntry(
  uid: string,
  fields: (readonly [name: string, value: string])[],
  happenedAtMs: number,
): Entry {
  const told = fields.filter(([name, value]) => name !== 'uid' && !(name === 'actor' && value === uid));
  return {
    script: 'activity-append',
    key: activityKey(uid),
    limits: [mostActivityEntries, activitySeconds],
    happenedAtMs,
    content: [JSON.stringify(Object.fromEntries(told))],
  };
}

function fieldsOf(fact: AuditFact): (readonly [name: string, value: string])[] {
  return factFields.flatMap((name) => {
    const value = fact[name];
    return value || name === 'actor'
      ? [[name, (value ?? '').slice(0, longestText).toWellFormed()] as const]
      : [];
  });
}

async function write(store: Store, backlog: Backlog): Promise<void> {
  while (backlog.waiting.length > 0) {
    const batch = backlog.waiting.splice(0, mostAtOnce);
    const results = await inOneWrite(store, () =>
      Promise.allSettled(batch.map((entry) => append(store, entry))),
    );
    const faults: unknown[] = results.map((result) =>
      result.status === 'rejected' ? result.reason : undefined,
    );
    backlog.lost += faults.filter((fault) => fault !== undefined && !isStoreUnavailable(fault)).length;
    const again = batch.filter((_, index) => isStoreUnavailable(faults[index]));
    backlog.waiting.unshift(...again);
    if (again.length > 0) await pause(store, backlog);
  }
  backlog.writing = undefined;
}

function append(store: Store, { script, key, limits, happenedAtMs, content }: Entry): Promise<unknown> {
  const agoMs = Math.round(performance.now() - happenedAtMs);
  return store.run(script, [key], [...limits, agoMs, ...content]);
}

/** Waits a moment for Redis; a store that was closed will not come back. */
async function pause(store: Store, backlog: Backlog): Promise<void> {
  if (store.isClosed()) {
    backlog.lost += backlog.waiting.length;
    backlog.waiting = [];
    return;
  }
  await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
}
