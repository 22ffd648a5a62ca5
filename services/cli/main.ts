#!/usr/bin/env node
import { CommanderError } from 'commander';
import { untilAuditWritten } from '../core/audit/append.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { withStore } from './connect.ts';
import { currentActor, tellAs } from './context.ts';
import { commandName } from './npm-call.ts';
import { markIds } from './operands.ts';
import { paintDifference, toErrorLine, toJson, toSafeLines, type Answer } from './output.ts';
import { createProgram, type Runner } from './program.ts';
import { readSettings } from './settings.ts';

const auditTimeoutMs = 2000;

const runner: Runner = {
  async withStore(options, command) {
    const settings = readSettings(process.env);
    const actor = currentActor();
    await withStore(settings, async (store) => {
      await report(await command({ settings, store, actor, tell: tellAs(actor, store) }), options);
      if (await untilAuditWritten(store, auditTimeoutMs)) return;
      process.stderr.write(toErrorLine('it is done, but it could not be written to the audit'));
    });
  },
  async alone(options, command) {
    await report(await command(), options);
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

async function report(answer: Answer, { json }: { json?: boolean }): Promise<void> {
  if (answer.lines) return print(answer.lines);
  process.stdout.write(`${json ? toJson(answer.json) : textOf(answer)}\n`);
  process.exitCode = answer.exitCode ?? exitCodes.ok;
}

/** Lines as they come, until the reader has had enough. */
async function print(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) if (!(await isTaken(line))) return;
}

function isTaken(line: string): Promise<boolean> {
  return new Promise((resolve) => process.stdout.write(line, (error) => resolve(!error)));
}

function textOf({ text, isDifference }: Answer): string {
  return isDifference ? paintDifference(toSafeLines(text), process.stdout) : toSafeLines(text);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return exitCodes.refused;
}
