import { randomBytes } from 'node:crypto';

const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const symbols = 16;

/** How many codes an account gets at once. */
export const backupCodeCount = 10;

/** Ten fresh backup codes of four groups of four, 80 random bits each. */
export function newBackupCodes(): string[] {
  return Array.from({ length: backupCodeCount }, newBackupCode);
}

/** The code as it is hashed: case, blanks and dashes don't count. Undefined if it can't be a backup code. */
export function normaliseBackupCode(typed: string): string | undefined {
  if (typed.length > 64) return undefined;
  const code = typed.replaceAll(/[\s-]/g, '').toUpperCase();
  return code.length === symbols && [...code].every((symbol) => alphabet.includes(symbol)) ? code : undefined;
}

function newBackupCode(): string {
  const code = [...randomBytes(symbols)].map((byte) => alphabet.charAt(byte & 31)).join('');
  return code.replaceAll(/(.{4})(?!$)/g, '$1-');
}
