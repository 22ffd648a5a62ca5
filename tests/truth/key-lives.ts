import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** One row of the table in core/redis/keys.ts. */
interface KeyRow {
  pattern: RegExp;
  /** How much of the pattern is fixed: of two rows that fit, the one that says more counts. */
  fixedLength: number;
  type: string;
  /** In words: a time, or `none` with the reason. */
  life: string;
}

const daySeconds = 86_400;
const secondsOf: Record<string, number> = { s: 1, h: 3600, day: daySeconds, year: 365 * daySeconds };
const absoluteLifeSeconds = 30 * daySeconds;
const pauseMs = 50;

/** Looks at all keys again and again while things happen. */
export interface KeyWatch {
  /** What broke the table of keys, each once, and how many different keys were seen. */
  stop(): Promise<{ faults: string[]; seen: number }>;
}

/**
 * Begins to compare all keys of a Redis with the table: that they are in it, their type, and that they have a TTL. What two
 * looks in a row find is a fault: a key and its TTL may come in two commands.
 */
export function watchKeyLives(redis: Redis): KeyWatch {
  const rows = readKeyTable();
  const faults = new Set<string>();
  let lastFound = new Set<string>();
  const seen = new Set<string>();
  const ending = new AbortController();
  const work = (async () => {
    while (!ending.signal.aborted) {
      await lookAtAll();
      await delay(pauseMs);
    }
  })();

  async function lookAtAll(): Promise<void> {
    const keys = await redis.keys('*');
    const looks = redis.pipeline();
    for (const key of keys) looks.type(key).ttl(key);
    const answers = ((await looks.exec()) ?? []).map(([, answer]) => answer);
    const found = new Set<string>();
    keys.forEach((key, index) => {
      const [type, ttlSeconds] = [String(answers[2 * index]), Number(answers[2 * index + 1])];
      seen.add(key);
      const fault =
        type === 'none' || ttlSeconds === -2 ? undefined : faultOf({ key, type, ttlSeconds }, rows);
      if (fault) found.add(fault);
    });
    for (const fault of found) if (lastFound.has(fault)) faults.add(fault);
    lastFound = found;
  }

  return {
    async stop() {
      ending.abort();
      await work;
      await lookAtAll();
      await delay(pauseMs);
      await lookAtAll();
      return { faults: [...faults], seen: seen.size };
    },
  };
}

/** What the table says about a key, and what is not so; undefined if all is. */
export function faultOf(
  { key, type, ttlSeconds }: { key: string; type: string; ttlSeconds: number },
  rows: readonly KeyRow[],
): string | undefined {
  const [row] = rows
    .filter(({ pattern }) => pattern.test(key))
    .sort((one, other) => other.fixedLength - one.fixedLength);
  if (!row) return `${key} is not in the table`;
  if (type.toUpperCase() !== row.type) return `${key} is a ${type}, not a ${row.type}`;
  if (ttlSeconds < 0)
    return row.life.includes('none') ? undefined : `${key} has no TTL; the table: ${row.life}`;
  return ttlSeconds <= mostSeconds(row.life)
    ? undefined
    : `${key} lives ${ttlSeconds} s; the table: ${row.life}`;
}

/** The rows of the table in core/redis/keys.ts. */
export function readKeyTable(): KeyRow[] {
  const lines = readFileSync('services/core/redis/keys.ts', 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, key = '', type = '', life = ''] = line.split('|').map((cell) => cell.trim());
    if (!line.startsWith(' * | bn:')) return [];
    const source = key
      .replaceAll(/[{}]/g, '\\$&')
      .replaceAll('\\{p\\}', '\\{[\\w-]\\}')
      .replaceAll(/<[^>]+>/g, '.+');
    const fixedLength = key.replaceAll(/<[^>]+>/g, '').length;
    return [{ pattern: new RegExp(`^${source}$`), fixedLength, type, life }];
  });
}

/** The longest life that a row speaks of; a life that is not a number there has no bound here. */
function mostSeconds(life: string): number {
  const times = [...life.matchAll(/(\d+) (s|h|day|year)/g)].map(
    ([, count, unit]) => Number(count) * (secondsOf[unit ?? ''] ?? 0),
  );
  if (times.length === 0) return Infinity;
  return Math.max(...times) + (life.includes('absolute') ? absoluteLifeSeconds : 0);
}
