import { spawn, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TestReport } from './test-report.ts';

/*
 * Runs the checks and all tests (or the files given as arguments) through tap, shows one line per file and the
 * details of each failure, and ends with the line `N passed, N failed`.
 */
const projectDir = fileURLToPath(new URL('../../', import.meta.url));
const report = new TestReport((line) => console.log(line));
const chosen = process.argv.slice(2);
const files = chosen.length > 0 ? chosen : globSync('tests/**/*.test.ts', { cwd: projectDir }).sort();

if (chosen.length === 0) {
  for (const project of ['.', 'services/client', 'services/web']) {
    runCheck(`types of ${project}`, 'tsc', ['--noEmit', '-p', project]);
  }
  runCheck('format', 'prettier', ['--check', '--log-level', 'warn', '.']);
}
const isBrowserTest = (name: string) => name.startsWith('tests/browser/');
await runFiles(files.filter((name) => !isBrowserTest(name)));
await runFiles(files.filter(isBrowserTest), ['--jobs=2']); // Three browsers are too much for two cores.
const { passed, failed } = report.finish(files);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runCheck(name: string, command: string, args: string[]): void {
  const result = spawnSync(command, args, { cwd: projectDir, encoding: 'utf8' });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`;
  report.noteCheck(name, result.status === 0, output);
}

/** After a file that timed out or bailed out tap may drop files that were waiting; those get a run of their own. */
async function runFiles(waiting: string[], options: string[] = []): Promise<void> {
  while (waiting.length > 0) {
    await runTap(waiting, options);
    const left = waiting.filter((file) => !report.hasSeen(file));
    if (left.length === waiting.length) return;
    waiting = left;
  }
}

/** With tap's own reporters nobody reads a test's standard error, and a test that writes much of it hangs. */
async function runTap(names: string[], options: string[]): Promise<void> {
  const tap = spawn('tap', ['--reporter=tap', ...options, ...names], {
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number>((resolve) => tap.once('close', (code) => resolve(code ?? 1)));
  tap.stdout.pipe(report.openRun());
  report.noteExit(await exit);
}
