#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CliError, exitCodes } from './cli-error.ts';
import { withStore } from './connect.ts';
import { currentActor } from './context.ts';
import { commandName } from './npm-call.ts';
import { markIds } from './operands.ts';
import { paintDifference, toErrorLine, toJson, toSafeLines, type Answer } from './output.ts';
import { createProgram, type Runner } from './program.ts';
import { readSettings } from './settings.ts';

const runner: Runner = {
  async withStore(options, command) {
    const settings = readSettings(process.env);
    const actor = currentActor();
    report(await withStore(settings, (store) => command({ settings, store, actor })), options);
  },
  async alone(options, command) {
    report(await command(), options);
  },
};

// `bednet account list | head -1`: a reader that has had enough is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  const program = createProgram(commandName, runner);
  await program.parseAsync(markIds(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander has told its own errors already.
  if (!(error instanceof CommanderError)) process.stderr.write(toErrorLine((error as Error).message));
}

function report(answer: Answer, { json }: { json?: boolean }): void {
  process.stdout.write(`${json ? toJson(answer.json) : textOf(answer)}\n`);
  process.exitCode = answer.exitCode ?? exitCodes.ok;
}

function textOf({ text, isDifference }: Answer): string {
  return isDifference ? paintDifference(toSafeLines(text), process.stdout) : toSafeLines(text);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return exitCodes.refused;
}
