import { BednetError } from '../errors.ts';
import { activityKey, auditKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

/** A recorded fact. `id` is its place in the stream; the time in ms is Redis'. */
export interface AuditEntry {
  id: string;
  atMs: number;
  event: string;
  actor: string;
  outcome: string;
  uid?: string;
  sid?: string;
  device?: string;
  ip?: string;
  reason?: string;
}

/** A fact of an account's recent activity. */
export type ActivityEntry = Omit<AuditEntry, 'id' | 'uid'>;

/** Which page of the audit log: `cursor` is the `next` of the page before, '' for the newest entries. */
export interface AuditQuery {
  cursor: string;
  /** 1 or more. */
  limit: number;
  /** Only what concerns this account. */
  uid?: string | undefined;
  /** Only this event. */
  event?: string | undefined;
}

/** A page, newest entry first; no `next` = nothing is older. */
export interface AuditPage {
  entries: AuditEntry[];
  next?: string;
}

/** Which part of the audit log to export. */
export interface ExportQuery {
  uid?: string | undefined;
  sinceMs?: number | undefined;
}

type Stored = [id: string, fields: string[]];

const entriesPerRead = 500;
const mostReadPerPage = 5000;
const optionalFields = ['uid', 'sid', 'device', 'ip', 'reason'] as const;
const cursorPattern = /^\d{1,16}-\d{1,16}$/;

/**
 * One page of the audit log. A page about one account or event looks through 5,000 entries at most, so it may be short or empty
 * and yet have a `next`. Throws VAL_INVALID_FORMAT for a cursor that is none.
 */
export async function readAudit(store: Store, { cursor, limit, uid, event }: AuditQuery): Promise<AuditPage> {
  if (cursor !== '' && !cursorPattern.test(cursor))
    throw new BednetError('VAL_INVALID_FORMAT', { field: 'cursor' });
  const entries: AuditEntry[] = [];
  let entriesRead = 0;
  const isEvery = uid === undefined && event === undefined;
  for await (const entry of readBackwards(store, cursor, isEvery ? limit : entriesPerRead)) {
    entriesRead += 1;
    if ((uid ?? entry.uid) === entry.uid && (event ?? entry.event) === entry.event) entries.push(entry);
    if (entries.length === limit || entriesRead === mostReadPerPage) return { entries, next: entry.id };
  }
  return { entries };
}

/** The audit log as JSON lines, oldest entry first, up to the entry that was the newest at the start. */
export async function* exportAudit(
  store: Store,
  { uid, sinceMs = 0 }: ExportQuery = {},
): AsyncGenerator<string> {
  const [newest] = await store.redis.xrevrange(auditKey, '+', '-', 'COUNT', 1);
  if (newest === undefined) return;
  let from = `${Math.max(0, sinceMs)}-0`; // Ids of a stream begin in 1970.
  for (;;) {
    const batch = await store.redis.xrange(auditKey, from, newest[0], 'COUNT', entriesPerRead);
    for (const stored of batch) {
      const entry = toEntry(stored);
      if (uid === undefined || entry.uid === uid) yield toJsonLine(entry);
    }
    const last = batch.at(-1);
    if (last === undefined) return;
    from = `(${last[0]}`;
  }
}

/** What has happened to an account lately, newest first; there are 100 entries at most. */
export async function readActivity(store: Store, uid: string, limit: number): Promise<ActivityEntry[]> {
  const stored = await store.redis.lrange(activityKey(uid), 0, limit - 1);
  return stored.map((line) => {
    const blank = line.indexOf(' ');
    const told = JSON.parse(line.slice(blank + 1)) as Omit<ActivityEntry, 'atMs' | 'actor'>;
    return { actor: uid, ...told, atMs: Number(line.slice(0, blank)) };
  });
}

async function* readBackwards(store: Store, cursor: string, count: number): AsyncGenerator<AuditEntry> {
  let before = cursor;
  for (;;) {
    const end = before === '' ? '+' : `(${before}`;
    const batch: Stored[] = await store.redis.xrevrange(auditKey, end, '-', 'COUNT', count);
    for (const stored of batch) yield toEntry(stored);
    const last = batch.at(-1);
    if (last === undefined || batch.length < count) return;
    before = last[0];
  }
}

/** An entry of the stream, as read. */
export function toEntry([id, flat]: Stored): AuditEntry {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i] as string, flat[i + 1] as string);
  const optional = optionalFields.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    id,
    atMs: Number(fields.get('atMs')),
    event: fields.get('event') ?? '',
    actor: fields.get('actor') ?? '',
    outcome: fields.get('outcome') ?? '',
    ...Object.fromEntries(optional),
  };
}

/** JSON escapes only the controls below U+0020: this also the ones that could act on somebody's screen (ASVS 16.4.1). */
export function toJsonLine(entry: AuditEntry): string {
  const json = JSON.stringify(entry).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${json}\n`;
}
