import type { LinkPage } from '../links.ts';
import type { LetterKind, LetterValues } from '../letters.ts';

/** What one letter says, in the order in which it is shown; all of it plain text, escaped where HTML is made. */
export interface LetterContent {
  subject: string;
  /** Whom it greets; undefined where there is no account or it must not be told. */
  username?: string;
  opening: string;
  /** A code to type. */
  code?: string;
  /** Facts, one a line. */
  facts?: readonly (readonly [label: string, value: string])[];
  action?: { label: string; url: string };
  closing: readonly string[];
}

/** What templates may use beside the values of their letter. */
export interface Wording {
  productName: string;
  /** A value from outside, made one harmless line and kept in its own writing direction. */
  quote(value: string): string;
  link(page: LinkPage, token?: string): string;
  /** A life as whole days, hours or minutes, in words. */
  duration(seconds: number): string;
  /** A moment in UTC, in words. */
  moment(atMs: number): string;
}

/** All letters in one language: a table of pure functions. */
export interface Phrasebook {
  /** Language tag, for `lang` and Content-Language. */
  language: string;
  direction: 'ltr' | 'rtl';
  greeting(username: string | undefined): string;
  /** The last line of each letter. */
  footer(wording: Wording): string;
  letters: { [K in LetterKind]: (values: LetterValues[K], wording: Wording) => LetterContent };
}
