import { resultsOf } from '../check/pipeline-results.ts';
import { keyReporterKey, keyReportsKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';

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

const aliveSeconds = 15;
const forgottenSeconds = 3600;

/** How often an instance has to report to count as alive. */
export const reportEveryMs = 5000;

/** Reports under an id of the instance's own. */
export async function reportKeys(store: Store, instance: string, report: KeyReport): Promise<void> {
  const pipeline = store.redis.pipeline(); // In one go, so that no report is left without its TTL.
  pipeline.set(keyReporterKey(instance), '', 'EX', aliveSeconds);
  pipeline.hset(keyReportsKey, instance, JSON.stringify(report));
  resultsOf(await pipeline.expire(keyReportsKey, forgottenSeconds).exec());
}

/** Takes the report of an instance that ends back. */
export async function withdrawKeyReport(store: Store, instance: string): Promise<void> {
  await store.redis.hdel(keyReportsKey, instance);
}

/** The reports of all instances that are alive; those of the others are removed. */
export async function listKeyReports(store: Store): Promise<KeyReport[]> {
  const reports = Object.entries(await store.redis.hgetall(keyReportsKey));
  const alive = await Promise.all(reports.map(([instance]) => store.redis.exists(keyReporterKey(instance))));
  const dead = reports.flatMap(([instance], index) => (alive[index] ? [] : [instance]));
  if (dead.length > 0) await store.redis.hdel(keyReportsKey, ...dead);
  return reports.flatMap(([, text], index) => (alive[index] ? [JSON.parse(text) as KeyReport] : []));
}
