/** Exit codes: what a script may rely on. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, redisUnreachable: 3 } as const;

/** Why a command can't do what was asked: one sentence for the person at the terminal, and the exit code. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.refused, cause?: unknown) {
    super(message, { cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}
