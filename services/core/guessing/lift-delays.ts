import { partitionOf } from '../ids.ts';
import { guessesKey } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import type { GuessKind } from './account-tries.ts';

const kinds = ['password', 'second-factor', 'backup-code', 'mail-code'] satisfies GuessKind[];

/** The keys that count the tries at an account's secrets. */
export function guessKeysOf(uid: string): string[] {
  return kinds.map((kind) => guessesKey({ partition: partitionOf(uid), name: uid }, kind));
}

/** Lifts all delays, and disablements, that wrong tries have brought on an account. */
export async function liftDelays(store: Store, uid: string): Promise<void> {
  await store.redis.del(guessKeysOf(uid));
}
