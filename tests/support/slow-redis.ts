import { rulesKey, sessionKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';

/** A Redis in this process that holds sessions and rules, and does each step of a read only when it is told to. */
export interface SlowRedis {
  readonly store: Store;
  /** The fields of keys, as they are now. */
  readonly hashes: Map<string, Record<string, string>>;
  nowMs(): number;
  /** How many reads are waiting to be carried out, and how many to be answered. */
  waiting(): { unread: number; unanswered: number };
  /** Carries out the first read that waits. */
  read(): void;
  /** Answers the first read that was carried out. */
  answer(): void;
}

type Read = () => unknown;

/** Its clock is far ahead of this process' own. */
const aheadMs = 1_000_000_000;

/** Makes an empty one. It knows the commands that an ACL check of a session uses. */
export function createSlowRedis(): SlowRedis {
  const hashes = new Map<string, Record<string, string>>();
  const unread: { read: Read; resolve: (value: unknown) => void }[] = [];
  const unanswered: (() => void)[] = [];
  const nowMs = () => aheadMs + performance.now();

  const hmget = (key: string, fields: string[]) => fields.map((field) => hashes.get(key)?.[field] ?? null);
  const time = () => [String(Math.floor(nowMs() / 1000)), String(Math.floor((nowMs() % 1000) * 1000))];

  function later(read: Read): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    unread.push({ read, resolve });
    return promise;
  }

  function pipeline() {
    const reads: Read[] = [];
    const chain = {
      hmget: (key: string, ...fields: string[]) => add(() => hmget(key, fields)),
      hget: (key: string, field: string) => add(() => hmget(key, [field])[0]),
      time: () => add(time),
      exec: () => later(() => reads.map((read) => [null, read()])),
    };
    function add(read: Read) {
      reads.push(read);
      return chain;
    }
    return chain;
  }

  const redis = { pipeline, hmget: (key: string, ...fields: string[]) => later(() => hmget(key, fields)) };
  return {
    store: { redis } as unknown as Store,
    hashes,
    nowMs,
    waiting: () => ({ unread: unread.length, unanswered: unanswered.length }),
    read() {
      const next = unread.shift();
      if (next === undefined) return;
      const result = next.read();
      unanswered.push(() => next.resolve(result));
    },
    answer: () => unanswered.shift()?.(),
  };
}

/** Writes a live session of an account that has the given roles. */
export function putSession(
  { hashes, nowMs }: SlowRedis,
  { sid, uid, username, roles }: { sid: string; uid: string; username: string; roles: string },
): void {
  const untilMs = String(Math.floor(nowMs()) + 900_000);
  hashes.set(sessionKey(sid), {
    ...{ uid, username, roles, state: 'active', pending: '', amr: 'pwd' },
    ...{ accessUntilMs: untilMs, absoluteUntilMs: untilMs },
  });
}

/** Writes rules by which the role `user` may do everything or nothing. */
export function putRules({ hashes }: SlowRedis, version: number, allowed: boolean): void {
  const access = ['read', 'write', 'subscribe'];
  const roles = {
    user: { permissions: [], rules: [{ effect: allowed ? 'allow' : 'deny', access, filter: '#' }] },
  };
  hashes.set(rulesKey, { version: String(version), document: JSON.stringify({ roles }) });
}
