import type { LinkPage } from './links.ts';

/** What each kind of letter has to tell; times are in milliseconds since 1970, lives in seconds. */
export interface LetterValues {
  /** The owner asked for a new password. */
  'reset-link': { username: string; token: string; validForSeconds: number; page?: LinkPage | undefined };
  /** An administrator started a reset; nobody but the owner ever sees the new password. */
  'reset-by-admin': { username: string; token: string; validForSeconds: number };
  /** The address of a new account, or the new address of an old one, has to be confirmed. */
  'email-verification-link': { username: string; token: string; validForSeconds: number };
  /** The address that an account is to have instead of its own has to be confirmed. */
  'email-change-link': { username: string; token: string; validForSeconds: number };
  /** Somebody gave the address of an account that exists for another one. */
  'email-taken': Record<never, never>;
  /** Somebody, most likely its owner, wants an account for the address; there is none before the link is used. */
  'registration-link': { token: string; validForSeconds: number };
  /** An administrator invites somebody to make an account. */
  invitation: { token: string; validForSeconds: number };
  /** The code of one sign-in. */
  'second-factor-code': { username: string; code: string; validForSeconds: number };
  'password-changed': { username: string; atMs: number };
  /** Goes to the old address while the new one is not confirmed yet; does not tell the new one. */
  'email-change-asked': { username: string; atMs: number };
  /** Goes to the old address; does not tell the new one. */
  'email-changed': { username: string; atMs: number };
  'second-factor-changed': { username: string; atMs: number; change: SecondFactorChange };
  /** The account is deleted; until `purgeAtMs` an administrator can restore it. */
  'account-deleted': { username: string; atMs: number; purgeAtMs: number };
  /** A sign-in from a network where the account has not been before. */
  'new-network-sign-in': { username: string; atMs: number; network: string; browser: string };
}

/** What happened to a second factor. */
export type SecondFactorChange =
  'enabled' | 'disabled' | 'replaced' | 'backup-codes-renewed' | 'removed-by-admin';

/** The kinds of mail that the service sends. */
export type LetterKind = keyof LetterValues;

/** One mail to send: what to tell, to whom, in which language. */
export type Letter<K extends LetterKind = LetterKind> = {
  [P in K]: {
    kind: P;
    to: { address: string; name?: string | undefined };
    /** Language tag of the account (`ar`, `en-GB`); a language without templates gets English. */
    language?: string | undefined;
    values: LetterValues[P];
  };
}[K];

/** How long a letter is of use to its reader, in seconds; undefined = for ever. */
export function usefulForSeconds(letter: Letter): number | undefined {
  return 'validForSeconds' in letter.values ? letter.values.validForSeconds : undefined;
}
