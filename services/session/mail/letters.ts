/** What each kind of letter has to tell; times are in milliseconds since 1970, lives in seconds. */
export interface LetterValues {
  /** The owner asked for a new password. */
  'reset-link': { username: string; token: string; validForSeconds: number };
  /** An administrator started a reset; nobody but the owner ever sees the new password. */
  'reset-by-admin': { username: string; token: string; validForSeconds: number };
  /** The address of a new account, or the new address of an old one, has to be confirmed. */
  'email-verification-link': { username: string; token: string; validForSeconds: number };
  /** Somebody tried to register with the address of an account that exists. */
  'email-taken': Record<never, never>;
  /** An administrator invites somebody to make an account. */
  invitation: { token: string; validForSeconds: number };
  /** The code of one sign-in. */
  'second-factor-code': { username: string; code: string; validForSeconds: number };
  'password-changed': { username: string; atMs: number };
  /** Goes to the old address; does not tell the new one. */
  'email-changed': { username: string; atMs: number };
  'second-factor-changed': { username: string; atMs: number; change: SecondFactorChange };
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
