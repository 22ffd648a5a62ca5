import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runFiles } from './run-files.ts';
import { TestReport } from './test-report.ts';

/*
 * Runs the checks and all tests (or the files given as arguments), shows one line per file and the details of each failure,
 * and ends with the line `N passed, N failed`.
 */
const projectDir = fileURLToPath(new URL('../../', import.meta.url));
process.chdir(projectDir);
const report = new TestReport((line) => console.log(line));
const chosen = process.argv.slice(2);
const files = chosen.length > 0 ? chosen : globSync('tests/**/*.test.ts').sort();

if (chosen.length === 0) {
  for (const project of ['.', 'services/client', 'services/web']) {
    runCheck(`types of ${project}`, 'tsc', ['--noEmit', '-p', project]);
  }
  runCheck('format', 'prettier', ['--check', '--log-level', 'warn', '.']);
}
await runFiles(files, {
  timeoutSeconds: Number(process.env['TAP_TIMEOUT'] || 240),
  onEnd: (end) => report.noteFile(end),
});
const { passed, failed } = report.finish();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runCheck(name: string, command: string, args: string[]): void {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`;
  report.noteCheck(name, result.status === 0, output);
}
