import { createPasswordHasher, type PasswordHasher } from '../core/passwords/hasher.ts';
import { openStore, type Store } from '../core/redis/store.ts';
import type { SessionConfig } from './config.ts';

const commandTimeoutMs = 2000;

/** Opens what the service works with, as its settings say. The store may still be connecting. */
export async function openParts(config: SessionConfig): Promise<{ store: Store; hasher: PasswordHasher }> {
  const { redisUrl: url, replicasRequired, hashCost, pepper } = config;
  const hasher = await createPasswordHasher(hashCost, pepper);
  return { store: openStore({ url, commandTimeoutMs, replicasRequired }), hasher };
}
