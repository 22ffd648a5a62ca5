import { Type, type Static } from 'typebox';
import { longestLeaseMs } from '../../core/leases/holders.ts';
import { wholeNumber } from '../../core/settings/read-settings.ts';

/** Settings of the near cache: environment variables. */
export const nearCacheProperties = {
  NEAR_CACHE: Type.Enum(['off', 'on'], {
    default: 'off',
    description: 'on or off: whether ACL checks may be answered from memory',
  }),
  NEAR_CACHE_BYTES: wholeNumber(100_000, 16_000_000_000, 64_000_000, 'bytes'),
  LEASE_MS: wholeNumber(200, longestLeaseMs, 1000, 'milliseconds'),
};

const NearCacheProperties = Type.Object(nearCacheProperties);

/** The near cache as configured; undefined = every check asks Redis. */
export function toNearCache(
  settings: Static<typeof NearCacheProperties>,
): { readonly leaseMs: number; readonly mostBytes: number } | undefined {
  if (settings.NEAR_CACHE === 'off') return undefined;
  return { leaseMs: settings.LEASE_MS, mostBytes: settings.NEAR_CACHE_BYTES };
}
