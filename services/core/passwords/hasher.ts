import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { BednetError } from '../errors.ts';
import { createSlots } from './slots.ts';

/** Cost of argon2id (RFC 9106). */
export interface HashCost {
  memoryKib: number;
  passes: number;
  parallelism: number;
}

/** Hashes and checks passwords with bounded concurrency. */
export interface PasswordHasher {
  /** The PHC string of a password, with a fresh 128-bit salt and a 256-bit tag. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password fits. Without a stored hash, or with an empty one, it does the same work against a decoy
   * and says no, so that an unknown account costs as much time as a wrong password.
   */
  verify(password: string, storedHash: string | undefined): Promise<boolean>;
  /** Whether a stored hash was made with a lower cost than today's. */
  needsRehash(storedHash: string): boolean;
}

/**
 * Makes the hasher: as many hashes at once as cores, 8 per core waiting for at most 2 s, then SYS_BUSY.
 * `pepper` (256 bits) is mixed in by argon2's own secret parameter and never stored in Redis.
 */
export async function createPasswordHasher(cost: HashCost, pepper: Buffer): Promise<PasswordHasher> {
  const cores = availableParallelism();
  const slots = createSlots({ atOnce: cores, waiting: cores * 8, waitMs: 2000 });
  const options = {
    type: argon2.argon2id,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: cost.parallelism,
    secret: pepper,
  } as const;
  const decoy = await argon2.hash('a decoy that no password equals', options);

  async function inSlot<T>(work: () => Promise<T>): Promise<T> {
    if (!(await slots.take())) throw new BednetError('SYS_BUSY', { retryAfterSeconds: 2 });
    try {
      return await work();
    } finally {
      slots.give();
    }
  }

  return {
    hash: (password) => inSlot(() => argon2.hash(normalised(password), options)),
    async verify(password, storedHash) {
      const isSet = storedHash?.startsWith('$argon2') === true;
      const fits = await inSlot(() =>
        argon2.verify(isSet ? storedHash : decoy, normalised(password), { secret: pepper }),
      );
      return fits && isSet;
    },
    needsRehash: (storedHash) => argon2.needsRehash(storedHash, options),
  };
}

/** NFC on both sides: a composed and a combining accent are one password (NIST SP 800-63B-4 3.1.1.2). */
function normalised(password: string): string {
  return password.normalize('NFC');
}
