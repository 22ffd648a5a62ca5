import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a command printed, and its exit code. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `bednet` for the stack of one run folder. */
export interface Cli {
  (
    args: readonly string[],
    options?: { input?: string | Buffer; environment?: Record<string, string> },
  ): Promise<CliResult>;
  /** With --json and exit code 0; throws on any other. */
  json<T>(args: readonly string[], options?: { input?: string }): Promise<T>;
}

export const cliMain = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));
export const demoMain = fileURLToPath(new URL('../../services/cli/demo/main.ts', import.meta.url));

/** A password that the policy takes. */
export const goodPassword = 'correct horse battery';

/** Cheap hashes: what is tested here is not their cost. */
const cheap = { ARGON2_MEMORY_KIB: '1024', ARGON2_TIME: '1' };

/** Commands as an operator types them, each a process of its own, with nothing but these variables around it. */
export function cliFor(runDir: string): Cli {
  const cli = (
    args: readonly string[],
    { input = '', environment = {} }: { input?: string | Buffer; environment?: Record<string, string> } = {},
  ) => runNode([cliMain, ...args], { input, environment: { RUN_DIR: runDir, ...cheap, ...environment } });
  return Object.assign(cli, {
    async json<T>(args: readonly string[], options: { input?: string } = {}): Promise<T> {
      const { code, stdout, stderr } = await cli([...args, '--json'], options);
      if (code !== 0) throw new Error(`bednet ${args.join(' ')}: exit ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
  });
}

/** Runs a script of this project to its end. */
export async function runNode(
  args: readonly string[],
  { input, environment }: { input: string | Buffer; environment: Record<string, string> },
): Promise<CliResult> {
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const result: CliResult = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  child.stdin.on('error', () => {}); // It ended without reading.
  child.stdin.end(input);
  result.code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return result;
}
