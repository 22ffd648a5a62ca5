import type { PartName } from './part-names.ts';

/** Why the stack, or one part of it, can't do what was asked: one sentence for the person at the terminal. */
export class StackError extends Error {
  readonly part: PartName | undefined;
  /** The last lines of the part's log, for a test's output. */
  readonly logTail: string;

  constructor(message: string, extras: { part?: PartName; logTail?: string; cause?: unknown } = {}) {
    super(message, { cause: extras.cause });
    this.name = 'StackError';
    this.part = extras.part;
    this.logTail = extras.logTail ?? '';
  }
}
