import { resultsOf } from '../check/pipeline-results.ts';
import { keyReportsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { toMs } from '../redis/time.ts';

/** What one instance of a service says of its keys, so that an operator knows when a rotation may go on. */
export interface KeyReport {
  service: 'session' | 'webhook';
  host: string;
  pid: number;
  /** Keys that it verifies access tokens with. */
  kids: readonly string[];
  /** The key that it signs with; none in the webhook service, nor the members below. */
  signs?: string;
  renewalKids?: readonly string[];
  issues?: string;
  /** The longest life of a token that it makes. */
  accessTtlSeconds?: number;
  renewalIdleSeconds?: number;
}

const liveMs = 15_000;
const forgottenMs = 3_600_000;

/** How often an instance has to report to count as alive. */
export const reportEveryMs = 5000;

/** Reports under an id of the instance's own, by Redis' clock. */
export async function reportKeys(store: Store, instance: string, report: KeyReport): Promise<void> {
  const atMs = toMs((await store.redis.time()) as [number, number]);
  const pipeline = store.redis.pipeline(); // In one go, so that the key is never left without its TTL.
  pipeline.hset(keyReportsKey, instance, JSON.stringify({ ...report, atMs }));
  resultsOf(await pipeline.expire(keyReportsKey, forgottenMs / 1000).exec());
}

/** Takes the report of an instance that ends back. */
export async function withdrawKeyReport(store: Store, instance: string): Promise<void> {
  await store.redis.hdel(keyReportsKey, instance);
}

/** The reports of all instances that are alive; those of the dead are removed after an hour. */
export async function listKeyReports(store: Store): Promise<KeyReport[]> {
  const reports = Object.entries(await store.redis.hgetall(keyReportsKey));
  const nowMs = toMs((await store.redis.time()) as [number, number]);
  const dated = reports.map(([instance, text]) => {
    const { atMs = 0, ...report } = parse(text);
    return { instance, ageMs: nowMs - atMs, report };
  });
  const forgotten = dated.filter(({ ageMs }) => ageMs > forgottenMs).map(({ instance }) => instance);
  if (forgotten.length > 0) await store.redis.hdel(keyReportsKey, ...forgotten);
  return dated.filter(({ ageMs }) => ageMs <= liveMs).map(({ report }) => report);
}

/** What is no report of ours counts as one of the dead. */
function parse(text: string): KeyReport & { atMs?: number } {
  try {
    return JSON.parse(text) as KeyReport & { atMs?: number };
  } catch {
    return { service: 'session', host: '', pid: 0, kids: [] };
  }
}
