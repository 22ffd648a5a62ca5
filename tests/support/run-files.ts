import { spawn } from 'node:child_process';

/** How a test file ended. */
export interface FileEnd {
  readonly name: string;
  /** TAP, as far as it came. */
  readonly output: string;
  readonly stderr: string;
  /** What went wrong with the process itself. */
  readonly fault: string | undefined;
  readonly seconds: number;
}

const lanes = 3;
/** Chromium takes a core for itself. */
const isBrowserTest = (name: string) => name.startsWith('tests/browser/');

interface RunOptions {
  /** After this tap ends a test and says what it waited for. */
  timeoutSeconds: number;
  /** How long after that a file is killed. */
  overdueSeconds?: number;
  onEnd(end: FileEnd): void;
}

/**
 * Runs test files, each a program of its own, three at a time, one of them in a browser: two only when no others are left.
 */
export async function runFiles(
  names: readonly string[],
  { timeoutSeconds, overdueSeconds = 20, onEnd }: RunOptions,
): Promise<void> {
  const browserTests = names.filter(isBrowserTest);
  const others = names.filter((name) => !isBrowserTest(name));
  let browsers = 0;

  const takeNext = () => {
    const isBrowsersTurn = browsers === 0 || (browsers === 1 && others.length === 0);
    return (isBrowsersTurn ? browserTests.shift() : undefined) ?? others.shift();
  };
  const runLane = async () => {
    for (let name = takeNext(); name !== undefined; name = takeNext()) {
      const weight = isBrowserTest(name) ? 1 : 0;
      browsers += weight;
      onEnd(await runFile(name, { timeoutSeconds, overdueSeconds }));
      browsers -= weight;
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
}

async function runFile(
  name: string,
  { timeoutSeconds, overdueSeconds }: { timeoutSeconds: number; overdueSeconds: number },
): Promise<FileEnd> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [name], {
    env: { ...process.env, TAP_TIMEOUT: String(timeoutSeconds) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), (timeoutSeconds + overdueSeconds) * 1000);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  const fault = await promise;
  clearTimeout(timer);
  return { name, output, stderr, fault, seconds: (performance.now() - startMs) / 1000 };
}
