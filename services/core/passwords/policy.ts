import { BednetError } from '../errors.ts';
import { isCommonPassword } from './common-passwords.ts';
import { isContextPassword } from './context-words.ts';

const defaultMaxCodePoints = 256;
const maxBytes = 1024;

/** What the settings ask of new passwords. Lengths are in code points of the NFC form: an emoji counts one. */
export interface PasswordPolicy {
  minCodePoints: number;
  /** The same for accounts that a role makes use a second factor; by default no other. Callers know who those are. */
  minCodePointsWithFactor?: number | undefined;
  /** By default 256. */
  maxCodePoints?: number | undefined;
  /** Letters and other characters that there must be; by default none of each. */
  minUpperCase?: number | undefined;
  minLowerCase?: number | undefined;
  minDigits?: number | undefined;
  minSymbols?: number | undefined;
}

/** What is asked of one new password. */
export interface PasswordRule extends PasswordPolicy {
  /** Username, e-mail local part, product name: see `contextWordsOf`. */
  contextWords?: readonly string[] | undefined;
  /** The request field that errors name. */
  field: string;
}

/**
 * Throws unless a new password may be used. Any Unicode counts, blanks and case are kept, there is no composition
 * rule unless the settings have one (ASVS 6.2.5, NIST SP 800-63B-4 3.1.1.2). In order: VAL_PASSWORD_INVALID,
 * VAL_PASSWORD_TOO_LONG (also above 1024 bytes), VAL_PASSWORD_TOO_SHORT, VAL_PASSWORD_COMPOSITION, VAL_PASSWORD_COMMON
 * (see `isCommonPassword`), VAL_PASSWORD_CONTEXT (see `isContextPassword`).
 */
export function assertNewPassword(password: string, rule: PasswordRule): void {
  const { field } = rule;
  assertHashablePassword(password, field);
  const normalised = password.normalize('NFC');
  assertLength(normalised, rule);
  assertComposition(normalised, rule);
  if (isCommonPassword(normalised)) throw new BednetError('VAL_PASSWORD_COMMON', { field });
  if (isContextPassword(normalised, rule.contextWords ?? [])) {
    throw new BednetError('VAL_PASSWORD_CONTEXT', { field });
  }
}

/** Throws unless a password that somebody presents is worth hashing at all: valid Unicode of at most 1024 bytes. */
export function assertHashablePassword(password: string, field: string): void {
  if (Buffer.byteLength(password) > maxBytes) throw new BednetError('VAL_PASSWORD_TOO_LONG', { field });
  if (!password.isWellFormed() || password.includes('\0')) {
    throw new BednetError('VAL_PASSWORD_INVALID', { field });
  }
}

function assertLength(password: string, rule: PasswordRule): void {
  const { minCodePoints, maxCodePoints = defaultMaxCodePoints, field } = rule;
  const codePoints = [...password].length;
  if (codePoints > maxCodePoints) {
    const message = `The password is longer than ${maxCodePoints} characters.`;
    throw new BednetError('VAL_PASSWORD_TOO_LONG', { field, message });
  }
  if (codePoints < minCodePoints) {
    throw new BednetError('VAL_PASSWORD_TOO_SHORT', {
      field,
      message: `The password needs at least ${minCodePoints} characters.`,
    });
  }
}

function assertComposition(password: string, rule: PasswordRule): void {
  const kinds = [
    ['capital letters', rule.minUpperCase, /\p{Lu}/gu],
    ['small letters', rule.minLowerCase, /\p{Ll}/gu],
    ['digits', rule.minDigits, /\p{Nd}/gu],
    ['symbols', rule.minSymbols, /[^\p{L}\p{M}\p{Nd}]/gu],
  ] as const;
  const lacks = kinds
    .filter(([, least = 0, pattern]) => (password.match(pattern)?.length ?? 0) < least)
    .map(([kind, least]) => `${kind} (at least ${least})`);
  if (lacks.length > 0) {
    throw new BednetError('VAL_PASSWORD_COMPOSITION', {
      field: rule.field,
      message: `The password needs more ${lacks.join(', ')}.`,
    });
  }
}

/** What, beside the policy itself, decides how good it has to be. */
export interface PolicyCircumstances {
  /** Nobody signs in with a password alone. */
  isSecondFactorEnforced: boolean;
  /** Age at which a password has to be changed; undefined = never. */
  expiresAfterDays?: number | undefined;
}

/** Sentences for the log of the start-up: where the settings are weaker than NIST SP 800-63B-4 and OWASP ASVS 5.0. */
export function policyNotes(policy: PasswordPolicy, circumstances: PolicyCircumstances): string[] {
  const { minCodePoints, maxCodePoints = defaultMaxCodePoints } = policy;
  const least = circumstances.isSecondFactorEnforced ? 8 : 15;
  const composed = [policy.minUpperCase, policy.minLowerCase, policy.minDigits, policy.minSymbols];
  const notes: [boolean, string][] = [
    [
      minCodePoints < least,
      `Passwords of ${minCodePoints} characters are accepted; NIST SP 800-63B-4 3.1.1.2 asks for 15, or for 8 where a ` +
        'second factor is enforced.',
    ],
    [
      maxCodePoints < 64,
      `Passwords of more than ${maxCodePoints} characters are refused; NIST SP 800-63B-4 3.1.1.2 and ASVS 6.2.9 ask ` +
        'for at least 64 to be accepted.',
    ],
    [
      composed.some((count = 0) => count > 0),
      'Capital letters, small letters, digits or symbols are demanded; NIST SP 800-63B-4 3.1.1.2 and ASVS 6.2.5 forbid ' +
        'such rules, because they make passwords easier to guess.',
    ],
    [
      circumstances.expiresAfterDays !== undefined,
      `Passwords expire after ${circumstances.expiresAfterDays} days; NIST SP 800-63B-4 3.1.1.2 and ASVS 6.2.10 forbid ` +
        'periodic changes, because they lead to weaker passwords.',
    ],
  ];
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}
