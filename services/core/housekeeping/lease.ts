import { randomBytes } from 'node:crypto';
import type { Store } from '../redis/store.ts';

/** A key that one process at a time holds. It runs out by itself, so it saves work and protects nothing. */
export interface Lease {
  /** Prolongs it; false if it ran out and may be another's now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes a lease for `lifeMs`; undefined if another holds it. */
export async function takeLease(store: Store, key: string, lifeMs: number): Promise<Lease | undefined> {
  const token = randomBytes(16).toString('base64url'); // 128 bits
  if ((await store.redis.set(key, token, 'PX', lifeMs, 'NX')) !== 'OK') return undefined;
  return {
    renew: async () => (await store.run('lease-renew', [key], [token, lifeMs]))[0] === 'renewed',
    release: async () => void (await store.run('key-release', [key], [token])),
  };
}
