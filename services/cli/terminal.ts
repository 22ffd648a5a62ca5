import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError, exitCodes } from './cli-error.ts';
import { escapeControls, paintDifference } from './output.ts';

const longestPasswordInputBytes = 4096;
const interrupted = 130;

/**
 * A new password: on a terminal asked twice without echo, otherwise one line of standard input without its line end.
 * Never an argument or an environment variable: other users of the machine can read those.
 */
export async function readNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) return readLine();
  const password = await ask('New password: ', { hidden: true });
  const repeated = await ask('The same again: ', { hidden: true });
  if (password !== repeated) throw new CliError('the two passwords differ; nothing was changed');
  return password;
}

/** Whether a question would be asked: on a terminal, unless `yes` answers it. */
export function willAsk(options: { yes?: true }): boolean {
  return !options.yes && process.stdin.isTTY;
}

/**
 * Asks on a terminal, and throws a CliError on anything but yes; goes ahead with `yes` and where nobody can answer.
 * The lines of a difference are shown before the question.
 */
export async function confirm(
  question: string,
  options: { yes?: true },
  difference: readonly string[] = [],
): Promise<void> {
  if (!willAsk(options)) return;
  for (const line of difference) process.stderr.write(`${paintDifference(line, process.stderr)}\n`);
  const answer = await ask(`${escapeControls(question)} [y/N] `, { hidden: false });
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('nothing was changed');
}

/** All of standard input as text; throws a CliError if it is longer than `longestBytes` or not UTF-8. */
export async function readStandardInput(longestBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > longestBytes) {
      throw new CliError(`standard input is longer than ${longestBytes} bytes`, exitCodes.usage);
    }
  }
  return decodeText(Buffer.concat(chunks), 'standard input');
}

/** Bytes from `source` as text; throws a CliError if they are not UTF-8. */
export function decodeText(bytes: Buffer, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError(`${source} is not UTF-8`, exitCodes.usage);
  }
}

async function readLine(): Promise<string> {
  const line = (await readStandardInput(longestPasswordInputBytes)).replace(/\r?\n$/, '');
  if (line === '') throw new CliError('there is no password on standard input', exitCodes.usage);
  if (/[\r\n]/.test(line)) throw new CliError('standard input holds more than one line', exitCodes.usage);
  return line;
}

/** Asks on standard error, so that standard output holds the answer of the command alone. */
async function ask(question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('SIGINT', () => reject(new CliError('interrupted', interrupted)));
  lines.once('close', () => reject(new CliError('nothing was entered')));
  if (hidden) process.stderr.write(question);
  lines.question(question, resolve);
  try {
    return await promise;
  } finally {
    lines.close();
    if (hidden) process.stderr.write('\n');
  }
}
