import { userInfo } from 'node:os';
import { appendAudit, type AuditFact } from '../core/audit/append.ts';
import type { AuditEvent } from '../core/audit/events.ts';
import type { Store } from '../core/redis/store.ts';
import type { CliSettings } from './settings.ts';

/** What every command works with. */
export interface CommandContext {
  settings: CliSettings;
  store: Store;
  /** Who does it, as stored on tombstones and events. */
  actor: string;
  /** Records a security fact in the audit. */
  tell: Tell;
}

/** Records a fact; it is written by the time the command has ended. */
export type Tell = (event: AuditEvent, details: Omit<AuditFact, 'event' | 'actor'>) => void;

/** Facts of the command line have its user as their actor. */
export function tellAs(actor: string, store: Store): Tell {
  return (event, details) => appendAudit(store, { event, actor, ...details });
}

/** `cli:<user of the operating system>`. */
export function currentActor(): string {
  return `cli:${userInfo().username}`;
}

/** Does something that returns once it is durable, and says how long that took and when it was acknowledged. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ result: T; durable: { durableInMs: number; acknowledgedAtMs: number } }> {
  const startMs = performance.now();
  const result = await work();
  const durableInMs = Math.round((performance.now() - startMs) * 10) / 10;
  return { result, durable: { durableInMs, acknowledgedAtMs: Date.now() } };
}
