import { Type, type Static } from 'typebox';
import { longestLeaseMs } from '../../core/leases/holders.ts';
import { readRedisUrl } from '../../core/redis/redis-url.ts';
import { wholeNumber, type SettingFault } from '../../core/settings/read-settings.ts';
import { decisionCacheProperties } from '../decision-cache/decision-config.ts';

/** Settings of the near cache and of the decision cache on top of it: environment variables. */
export const nearCacheProperties = {
  NEAR_CACHE: Type.Enum(['off', 'on'], {
    default: 'off',
    description: 'on or off: whether ACL checks may be answered from memory',
  }),
  NEAR_CACHE_BYTES: wholeNumber(100_000, 16_000_000_000, 64_000_000, 'bytes'),
  LEASE_MS: wholeNumber(200, longestLeaseMs, 1000, 'milliseconds'),
  REDIS_REPLICAS_REQUIRED: wholeNumber(0, 16, 0, 'replicas'),
  ...decisionCacheProperties,
};

const NearCacheProperties = Type.Object(nearCacheProperties);

/** The near cache as configured, and where the counters of a decision cache are. */
export interface NearCacheConfig {
  readonly leaseMs: number;
  readonly mostBytes: number;
  /** Replicas that must know of a lease: all that may be promoted. */
  readonly replicasRequired: number;
  /** Undefined = brokers remember nothing. */
  readonly counterFile: string | undefined;
}

/** The near cache as configured; undefined = every check asks Redis. */
export function toNearCache(settings: Static<typeof NearCacheProperties>): NearCacheConfig | undefined {
  const { NEAR_CACHE, LEASE_MS: leaseMs, NEAR_CACHE_BYTES: mostBytes, COUNTER_FILE: counterFile } = settings;
  if (NEAR_CACHE === 'off') return undefined;
  return { leaseMs, mostBytes, counterFile, replicasRequired: settings.REDIS_REPLICAS_REQUIRED };
}

/** The faults of these settings: a Redis Cluster gives no leases. `REDIS_URL` is one that can be read, or undefined. */
export function findNearCacheFaults(
  settings: Partial<Static<typeof NearCacheProperties>>,
  redisUrl: string | undefined,
): SettingFault[] {
  if (settings.NEAR_CACHE !== 'on' || redisUrl === undefined) return [];
  if (readRedisUrl(redisUrl).topology !== 'cluster') return [];
  return [{ name: 'NEAR_CACHE', fault: 'must be off with a Redis Cluster: every check asks Redis there' }];
}
