import { BednetError } from '../errors.ts';

const longestCodePoints = 256;
const longestBytes = 1024;

/**
 * Throws VAL_PASSWORD_* unless a new password may be used. Any Unicode counts, an emoji is one character, blanks and
 * case are kept, there is no composition rule (ASVS 6.2.5, NIST SP 800-63B-4 3.1.1.2).
 */
export function assertNewPassword(password: string, rule: { minCodePoints: number; field: string }): void {
  const { field } = rule;
  assertHashablePassword(password, field);
  const codePoints = [...password.normalize('NFC')].length;
  if (codePoints > longestCodePoints) throw new BednetError('VAL_PASSWORD_TOO_LONG', { field });
  if (codePoints < rule.minCodePoints) {
    throw new BednetError('VAL_PASSWORD_TOO_SHORT', {
      field,
      message: `The password needs at least ${rule.minCodePoints} characters.`,
    });
  }
}

/** Throws unless a password that somebody presents is worth hashing at all: valid Unicode of at most 1024 bytes. */
export function assertHashablePassword(password: string, field: string): void {
  if (Buffer.byteLength(password) > longestBytes) throw new BednetError('VAL_PASSWORD_TOO_LONG', { field });
  if (!password.isWellFormed() || password.includes('\0')) {
    throw new BednetError('VAL_PASSWORD_INVALID', { field });
  }
}
