import { Parser, type Result } from 'tap-parser';

/** The totals of a run. */
export interface Totals {
  passed: number;
  failed: number;
}

/**
 * Counts assertions. A test, file or run that failed without a failed assertion (crash, kill, syntax error, nothing
 * in it, never started) counts as one failure, so that the totals can't look better than what happened.
 */
export class TestReport {
  #print: (line: string) => void;
  #passed = 0;
  #failures: string[] = [];
  #skipped: string[] = [];
  #seen = new Set<string>();
  #printed: Totals = { passed: 0, failed: 0 };

  /** `print` gets each finished line. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Whether a test file has run to its end, well or badly. */
  hasSeen(file: string): boolean {
    return this.#seen.has(file);
  }

  /** A stream that takes the TAP of one run of tap. */
  openRun(): Parser {
    const parser = new Parser();
    this.#watch(parser);
    return parser;
  }

  /** The end of one run of tap: its own verdict must not be worse than ours. */
  noteExit(code: number): void {
    if (code !== 0 && this.#failures.length === 0)
      this.#fail('tap', `exit code ${code} without a failed test`);
  }

  /** A check outside tap, such as the compiler: one test. */
  noteCheck(name: string, isOk: boolean, output: string): void {
    if (isOk) this.#passed++;
    else this.#fail(name, output.trim());
    this.#printGroup(name, '');
  }

  /** Counts the files that never ran and returns the totals, after a summary of what failed and was skipped. */
  finish(expected: readonly string[]): Totals {
    for (const file of expected) {
      if (!this.#seen.has(file)) this.#fail(file, 'it never ran');
    }
    if (expected.length === 0) this.#fail('tests', 'there are no test files');
    if (this.#skipped.length > 0) this.#print(['\nSkipped:', ...this.#skipped].join('\n  '));
    if (this.#failures.length > 0) this.#print(['\nFailed:', ...this.#failures].join('\n  '));
    return { passed: this.#passed, failed: this.#failures.length };
  }

  #watch(parser: Parser): void {
    parser.on('child', (child: Parser) => this.#watch(child));
    parser.on('assert', (result: Result) => {
      if (result.closingTestPoint) this.#noteEnd(result);
      else this.#noteAssertion(result);
      if (parser.level === 0) this.#noteFile(result);
    });
    parser.on('bailout', (reason: string) => parser.level === 0 && this.#fail('bailed out', reason));
  }

  #noteAssertion(result: Result): void {
    if (result.skip || result.todo) this.#skipped.push(`${result.fullname}${reasonOf(result)}`);
    else if (result.ok) this.#passed++;
    else this.#fail(result.fullname, detailsOf(result));
  }

  #noteEnd(result: Result): void {
    if (result.ok) return;
    const within = `${result.fullname} > `;
    const isCounted = this.#failures.some((name) => name === result.fullname || name.startsWith(within));
    if (!isCounted) this.#fail(result.fullname, detailsOf(result));
  }

  #noteFile(result: Result): void {
    if (result.ok && /^no tests found/.test(String(result.skip)))
      this.#fail(result.name, 'there are no tests in it');
    this.#seen.add(result.name);
    this.#printGroup(result.name, ` (${((result.time ?? 0) / 1000).toFixed(1)} s)`);
  }

  #printGroup(name: string, suffix: string): void {
    const passed = this.#passed - this.#printed.passed;
    const failed = this.#failures.length - this.#printed.failed;
    this.#printed = { passed: this.#passed, failed: this.#failures.length };
    this.#print(`${failed > 0 ? `FAIL ${failed} failed,` : 'ok  '} ${passed} passed  ${name}${suffix}`);
  }

  #fail(name: string, details: string): void {
    this.#failures.push(name);
    this.#print(`\nFAIL ${name}\n${details.replace(/^/gm, '     ')}\n`);
  }
}

/** What tap knows of a failure, without how it started the file. */
function detailsOf(result: Result): string {
  const details = Object.entries((result.diag ?? {}) as Record<string, unknown>)
    .filter(([name]) => !['args', 'command', 'cwd', 'externalID', 'jobId', 'stdio'].includes(name))
    .map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value.trimEnd() : JSON.stringify(value)}`,
    );
  return details.join('\n') || 'no details';
}

function reasonOf(result: Result): string {
  const reason = result.skip || result.todo;
  return typeof reason === 'string' ? ` (${reason})` : '';
}
