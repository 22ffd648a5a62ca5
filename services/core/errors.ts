import { errorCodes, type ErrorCode } from '../contract/error-codes.ts';
import type { Ending } from './sessions/ending.ts';

/** What a `BednetError` may carry beside its code. */
export interface ErrorExtras {
  /** For the log only, never for the client. */
  cause?: unknown;
  /** The request field at fault, told to the client. */
  field?: string;
  /** A sentence for the client that is more exact than the code's own. */
  message?: string;
  /** Seconds after which a repeat makes sense (`Retry-After`, RFC 9110 10.2.3). */
  retryAfterSeconds?: number;
  /** What a sign-in waits for, told to the client. */
  steps?: readonly string[];
  /** How the session of a token ended, told to its holder. */
  ended?: Ending | undefined;
}

/** The one error class: a code of the closed table, its status and sentence, and the cause for the log. */
export class BednetError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly steps: readonly string[] | undefined;
  readonly ended: Ending | undefined;

  constructor(code: ErrorCode, extras: ErrorExtras = {}) {
    super(extras.message ?? errorCodes[code].sentence, { cause: extras.cause });
    this.name = 'BednetError';
    this.code = code;
    this.status = errorCodes[code].status;
    this.field = extras.field;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.steps = extras.steps;
    this.ended = extras.ended;
  }
}
