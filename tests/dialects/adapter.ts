import type { DialectName } from '../../services/session/dialect-config.ts';
import type { Answer, Person, SessionStage } from '../support/session-service.ts';

/** What a complete sign-in or a renewal gives, whatever the dialect calls it. */
export interface Held {
  accessToken: string;
  renewalToken: string;
  mqtt: { username: string; client_id: string };
}

/** A sign-in whose password was right and that has steps left. */
export interface Pending {
  steps: string[];
  /** With which the next step is taken; undefined where this dialect can take none. */
  tempToken?: string | undefined;
}

/** What a sign-in, one of its steps, or a renewal came to; `answer` is what went over the wire. */
export type Outcome =
  | { kind: 'signed-in'; held: Held; answer: Answer }
  | { kind: 'pending'; pending: Pending; answer: Answer }
  | { kind: 'refused'; answer: Answer };

/** How one dialect is spoken. Nothing in here asserts: the behaviours do. */
export interface DialectAdapter {
  name: DialectName;
  /** What a sign-out ends. */
  signOutEnds: 'session' | 'account';
  /** An address below the dialect's own that is no route. */
  unknownPath: string;
  /** Whether an answer is an error in the dialect's shape, with the media type that goes with it. */
  isError(answer: Answer): boolean;
  signIn(person: Pick<Person, 'username' | 'email' | 'password'>): Promise<Outcome>;
  /** A sign-in with any JSON value as its password. */
  signInWith(person: Pick<Person, 'username' | 'email'>, password: unknown): Promise<Answer>;
  enterCode(pending: Pending, code: string): Promise<Outcome>;
  /** Absent where the step can't be taken in this dialect. */
  changeDuePassword?(pending: Pending, passwords: Passwords): Promise<Outcome>;
  /** Absent where the step can't be taken in this dialect. */
  acceptTerms?(pending: Pending, version: string): Promise<Outcome>;
  renew(renewalToken: string): Promise<Outcome>;
  signOut(held: Held): Promise<Answer>;
  /** A read of the own account: 200 with a good access token of a whole session. */
  readOwn(accessToken: string): Promise<Answer>;
  /** Absent where a signed-in person can't change it in this dialect. */
  changePassword?(held: Held, passwords: Passwords): Promise<Answer>;
}

/** Passwords of a change. */
export interface Passwords {
  current: string;
  next: string;
}

/** Makes the adapter that speaks to one service. */
export type MakeAdapter = (service: Pick<SessionStage, 'ask'>) => DialectAdapter;
