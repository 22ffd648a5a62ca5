import { Type, type Static } from 'typebox';
import { policyNotes, type PasswordPolicy } from '../core/passwords/policy.ts';
import { wholeNumber, type SettingFault } from '../core/settings/read-settings.ts';

const composition = (kind: string) => wholeNumber(0, 16, 0, kind);

/** Settings of passwords and of how accounts come to be: environment variables. */
export const accountProperties = {
  PASSWORD_MIN_LENGTH: wholeNumber(8, 64, 15, 'characters'),
  PASSWORD_MIN_LENGTH_WITH_FACTOR: wholeNumber(8, 64, 8, 'characters'),
  PASSWORD_MAX_LENGTH: wholeNumber(16, 256, 256, 'characters'),
  PASSWORD_MIN_UPPERCASE: composition('capital letters'),
  PASSWORD_MIN_LOWERCASE: composition('small letters'),
  PASSWORD_MIN_DIGITS: composition('digits'),
  PASSWORD_MIN_SYMBOLS: composition('symbols'),
  PASSWORD_EXPIRY_DAYS: wholeNumber(0, 3650, 0, 'days'),
  REGISTRATION: Type.Enum(['open', 'invitation', 'off'], {
    default: 'open',
    description: 'open, invitation or off',
  }),
  EMAIL_VERIFICATION: Type.Enum(['off', 'required'], { default: 'off', description: 'off or required' }),
  TERMS_VERSION: Type.String({
    default: '',
    maxLength: 64,
    pattern: '^[\\x21-\\x7e]*$',
    description: 'a name of at most 64 characters without blanks',
  }),
  ACCOUNT_PURGATORY_SECONDS: wholeNumber(0, 31_536_000, 259_200, 'seconds'),
};

const AccountProperties = Type.Object(accountProperties);
type AccountVariables = Static<typeof AccountProperties>;

/** How accounts come to be and what they have to do before they may sign in. */
export interface AccountPolicy {
  registration: 'open' | 'invitation' | 'off';
  needsVerifiedEmail: boolean;
  /** Version of the terms in force, or '' for none. */
  termsVersion: string;
  /** Age at which a password must be changed; 0 = never. */
  passwordExpiryDays: number;
  /** For how long a deleted account can be restored. */
  purgatorySeconds: number;
}

/** Faults that one setting alone does not show. */
export function findAccountFaults(settings: Partial<AccountVariables>, canMail: boolean): SettingFault[] {
  const { PASSWORD_MIN_LENGTH: least = 0, PASSWORD_MAX_LENGTH: most = 256 } = settings;
  const faults: SettingFault[] = [];
  if (most < least) faults.push({ name: 'PASSWORD_MAX_LENGTH', fault: 'is less than PASSWORD_MIN_LENGTH' });
  if (settings.EMAIL_VERIFICATION === 'required' && !canMail) {
    faults.push({ name: 'EMAIL_VERIFICATION', fault: 'needs mail: set SMTP_URL or MAIL_FOLDER' });
  }
  return faults;
}

/** What new passwords must be. */
export function toPasswordPolicy(settings: AccountVariables): PasswordPolicy {
  return {
    minCodePoints: settings.PASSWORD_MIN_LENGTH,
    minCodePointsWithFactor: settings.PASSWORD_MIN_LENGTH_WITH_FACTOR,
    maxCodePoints: settings.PASSWORD_MAX_LENGTH,
    minUpperCase: settings.PASSWORD_MIN_UPPERCASE,
    minLowerCase: settings.PASSWORD_MIN_LOWERCASE,
    minDigits: settings.PASSWORD_MIN_DIGITS,
    minSymbols: settings.PASSWORD_MIN_SYMBOLS,
  };
}

/** How accounts come to be. */
export function toAccountPolicy(settings: AccountVariables): AccountPolicy {
  return {
    registration: settings.REGISTRATION,
    needsVerifiedEmail: settings.EMAIL_VERIFICATION === 'required',
    termsVersion: settings.TERMS_VERSION,
    passwordExpiryDays: settings.PASSWORD_EXPIRY_DAYS,
    purgatorySeconds: settings.ACCOUNT_PURGATORY_SECONDS,
  };
}

/** Sentences for the log of the start-up: what is weaker than the standards, and that no mail is sent. */
export function startUpNotes(config: {
  passwordPolicy: PasswordPolicy;
  accounts: AccountPolicy;
  mail?: object | undefined;
}): string[] {
  const { passwordExpiryDays: days } = config.accounts;
  const circumstances = { isSecondFactorEnforced: false, expiresAfterDays: days === 0 ? undefined : days };
  const notes = policyNotes(config.passwordPolicy, circumstances);
  if (config.mail) return notes;
  return [...notes, 'No mail is sent, so nobody can reset a password: set SMTP_URL or MAIL_FOLDER.'];
}
