import { createHmac } from 'node:crypto';
import { partitionOf, partitions } from '../ids.ts';
import type { GuessedAccount } from '../redis/keys.ts';

/**
 * Whom a try is counted for: the account, whichever of its login names was typed; or, where there is none, one of
 * 65,536 names that all unknown logins share. So made-up names are throttled like real ones, yet can't fill Redis, and
 * what was typed (perhaps a password) is not stored. `secret` keeps others from finding two logins that share a name.
 */
export function guessedAccountOf(
  { uid, login }: { uid: string | undefined; login: string },
  secret: Buffer,
): GuessedAccount {
  if (uid !== undefined) return { partition: partitionOf(uid), name: uid };
  const normalised = login.normalize('NFC').trim().toLowerCase();
  const bucket = createHmac('sha256', secret).update(`guessed-login:${normalised}`).digest().readUInt16BE(0);
  return { partition: partitions[bucket & 63] ?? 'A', name: `unknown.${bucket >> 6}` };
}
