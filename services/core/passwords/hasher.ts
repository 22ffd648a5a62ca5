import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { BednetError } from '../errors.ts';
import { createCheckTimes } from './check-times.ts';
import { createSlots } from './slots.ts';

/** Cost of argon2id (RFC 9106). */
export interface HashCost {
  memoryKib: number;
  passes: number;
  parallelism: number;
}

/** Hashes and checks passwords with bounded concurrency. `network` is whom a place in the queue is counted for. */
export interface PasswordHasher {
  /** The PHC string of a password, with a fresh 128-bit salt and a 256-bit tag. */
  hash(password: string, network?: string): Promise<string>;
  /**
   * Whether the password fits. Without a stored hash, or with an empty one, it does the same work against a decoy
   * and says no, so that an unknown account costs as much time as a wrong password.
   */
  verify(password: string, storedHash: string | undefined, network?: string): Promise<boolean>;
  /** Takes as long as one of the last checks did, and computes nothing: a refused try looks like a wrong password. */
  imitateVerify(): Promise<void>;
  /** A 256-bit argon2id tag with a salt of the caller's, for secrets that are looked up among several. */
  tag(secret: string, salt: Buffer, network?: string): Promise<string>;
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
  const startedMs = performance.now();
  const decoy = await argon2.hash('a decoy that no password equals', options);
  const times = createCheckTimes(performance.now() - startedMs);

  async function inSlot<T>(work: () => Promise<T>, network?: string): Promise<T> {
    if (!(await slots.take(network))) throw new BednetError('SYS_BUSY', { retryAfterSeconds: 2 });
    try {
      return await work();
    } finally {
      slots.give();
    }
  }

  return {
    hash: (password, network) => inSlot(() => argon2.hash(normalised(password), options), network),
    async verify(password, storedHash, network) {
      const isSet = storedHash?.startsWith('$argon2') === true;
      const check = () => argon2.verify(isSet ? storedHash : decoy, normalised(password), { secret: pepper });
      const fits = await times.measure(() => inSlot(check, network));
      return fits && isSet;
    },
    imitateVerify: () => times.imitate(),
    async tag(secret, salt, network) {
      const bytes = await inSlot(() => argon2.hash(secret, { ...options, salt, raw: true }), network);
      return bytes.toString('base64url');
    },
    needsRehash: (storedHash) => argon2.needsRehash(storedHash, options),
  };
}

/** NFC on both sides: a composed and a combining accent are one password (NIST SP 800-63B-4 3.1.1.2). */
function normalised(password: string): string {
  return password.normalize('NFC');
}
