import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** `bednet <args> --json` as a process of its own, like an operator's; returns what it answered. */
export type BednetCommand = <T>(args: readonly string[], input?: string) => Promise<T>;

/**
 * Commands for the stack of one run folder, one after the other: what cleans up waits for what was interrupted. They
 * throw an Error with what the command said on standard error.
 */
export function bednetCommands(runDir: string): BednetCommand {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(args: readonly string[], input = '') => {
    const answer = last.then(() => run(args, input, runDir));
    last = answer.catch(() => undefined); // Its caller is told.
    return answer as Promise<T>;
  };
}

async function run(args: readonly string[], input: string, runDir: string): Promise<unknown> {
  const { BEDNET_REDIS_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, [main, ...args, '--json'], {
    env: { ...environment, RUN_DIR: runDir },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // In a process group of its own: Ctrl-C ends the demo, not what it cleans up with.
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // It ended without reading; its exit code says why.
  child.stdin.end(input);
  const exitCode = await ended;
  if (exitCode !== 0) throw new Error(stderr.trim() || `bednet ${args.join(' ')} ended with ${exitCode}`);
  return JSON.parse(stdout);
}
