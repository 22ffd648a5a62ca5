import { setTimeout as delay } from 'node:timers/promises';
import { auditKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { readAudit, toEntry, toJsonLine, type AuditEntry } from './read.ts';

/** The end of the audit log: so many entries, of one account or of one event if that is asked for. */
export interface TailQuery {
  limit: number;
  uid?: string | undefined;
  event?: string | undefined;
}

const entriesPerRead = 500;
const pauseMs = 500;

/** The newest entries as JSON lines, the oldest of them first. */
export async function* tailAudit(store: Store, query: TailQuery): AsyncGenerator<string> {
  for (const entry of await readTail(store, query)) yield toJsonLine(entry);
}

/** As tailAudit, and then each entry soon after it is written, without an end. */
export async function* followAudit(store: Store, query: TailQuery): AsyncGenerator<string> {
  const [newest] = await store.redis.xrevrange(auditKey, '+', '-', 'COUNT', 1);
  let from = newest?.[0] ?? '0-0';
  for (const entry of await readTail(store, query)) {
    if (!isAfter(entry.id, from)) yield toJsonLine(entry);
  }
  for (;;) {
    const batch = await store.redis.xrange(auditKey, `(${from}`, '+', 'COUNT', entriesPerRead);
    for (const stored of batch) {
      const entry = toEntry(stored);
      from = entry.id;
      if (isWanted(entry, query)) yield toJsonLine(entry);
    }
    if (batch.length === 0) await delay(pauseMs);
  }
}

async function readTail(store: Store, { limit, uid, event }: TailQuery): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined && entries.length < limit) {
    const page = await readAudit(store, { cursor, limit: limit - entries.length, uid, event });
    entries.push(...page.entries);
    cursor = page.next;
  }
  return entries.reverse();
}

function isWanted(entry: AuditEntry, { uid, event }: TailQuery): boolean {
  return (uid ?? entry.uid) === entry.uid && (event ?? entry.event) === entry.event;
}

function isAfter(id: string, other: string): boolean {
  const [ms = 0, count = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && count > otherCount);
}
