/** Codes that this library adds to those of the API. */
export type ClientCode = 'OFFLINE' | 'SIGNED_OUT' | 'BAD_ANSWER';

/** What an API call failed with. */
export class SessionError extends Error {
  /** A code of the API (docs/errors.md) or one of this library. */
  readonly code: string;
  /** HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The request field at fault. */
  readonly field: string | undefined;
  /** How long the server asks to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** Why a session was ended, where that is what failed. */
  readonly ended: Ended | undefined;

  constructor(code: string, message: string, facts: Partial<Facts> = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'SessionError';
    this.code = code;
    this.status = facts.status ?? 0;
    this.field = facts.field;
    this.retryAfterSeconds = facts.retryAfterSeconds;
    this.ended = facts.ended;
  }
}

/** Who ended a session, and why. */
export interface Ended {
  reason: string;
  by: 'self' | 'operator' | 'system';
  /** ISO 8601, UTC. */
  at: string;
}

interface Facts {
  status: number;
  field: string | undefined;
  retryAfterSeconds: number | undefined;
  ended: Ended | undefined;
  cause: unknown;
}

const endingCodes: readonly string[] = ['AUTH_INVALID_TOKEN', 'AUTH_TOKEN_REVOKED', 'AUTH_SESSION_EXPIRED'];

/** Whether a renewal that failed like this can't succeed later: the session is over. */
export function isEnd(error: unknown): error is SessionError {
  return error instanceof SessionError && endingCodes.includes(error.code);
}

/** Whether an access token was refused as such, so that a renewal may help. */
export function isTokenFault(error: unknown): boolean {
  return error instanceof SessionError && (error.code === 'AUTH_TOKEN_EXPIRED' || isEnd(error));
}

/** Whether the server could not be asked, or could not answer just now; also when somebody else answered in its place. */
export function isTemporary(error: unknown): error is SessionError {
  if (!(error instanceof SessionError)) return false;
  return ['OFFLINE', 'BAD_ANSWER'].includes(error.code) || error.status === 429 || error.status >= 500;
}
