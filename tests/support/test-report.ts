import { Parser, type FinalResults, type Result } from 'tap-parser';
import type { FileEnd } from './run-files.ts';

/** The totals of a run. */
export interface Totals {
  passed: number;
  failed: number;
}

/**
 * Counts assertions. A test or file that failed without a failed assertion (crash, kill, syntax error, nothing in it) counts
 * as one failure, so that the totals can't look better than what happened.
 */
export class TestReport {
  #print: (line: string) => void;
  #passed = 0;
  #failures: string[] = [];
  #skipped: string[] = [];
  #printed: Totals = { passed: 0, failed: 0 };

  /** `print` gets each finished line. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** A test file that has run to its end, well or badly. */
  noteFile({ name, output, stderr, fault, seconds }: FileEnd): void {
    const parser = new Parser({ name });
    this.#watch(parser);
    let end: FinalResults | undefined;
    parser.on('complete', (results: FinalResults) => (end = results));
    parser.end(output);
    if (this.#news().failed === 0) {
      if (fault !== undefined || !end?.ok) this.#fail(name, fault ?? 'its output is not whole');
      else if (end.count === 0) this.#fail(name, 'there are no tests in it');
    }
    if (this.#news().failed > 0 && stderr !== '')
      this.#print(`\n${name} wrote to standard error:\n${indent(stderr)}\n`);
    this.#printGroup(name, ` (${seconds.toFixed(1)} s)`);
  }

  /** A check outside tap, such as the compiler: one test. */
  noteCheck(name: string, isOk: boolean, output: string): void {
    if (isOk) this.#passed++;
    else this.#fail(name, output.trim());
    this.#printGroup(name, '');
  }

  /** Returns the totals, after a summary of what failed and was skipped. */
  finish(): Totals {
    if (this.#passed + this.#failures.length === 0) this.#fail('tests', 'there are none');
    if (this.#skipped.length > 0) this.#print(['\nSkipped:', ...this.#skipped].join('\n  '));
    if (this.#failures.length > 0) this.#print(['\nFailed:', ...this.#failures].join('\n  '));
    return { passed: this.#passed, failed: this.#failures.length };
  }

  #watch(parser: Parser): void {
    parser.on('child', (child: Parser) => this.#watch(child));
    parser.on('assert', (result: Result) => {
      if (result.closingTestPoint) this.#noteEnd(result);
      else this.#noteAssertion(result);
    });
    parser.on('bailout', (reason: string) => parser.level === 0 && this.#fail(parser.name, reason));
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

  /** What came since the last group was printed. */
  #news(): Totals {
    const { passed, failed } = this.#printed;
    return { passed: this.#passed - passed, failed: this.#failures.length - failed };
  }

  #printGroup(name: string, suffix: string): void {
    const { passed, failed } = this.#news();
    this.#printed = { passed: this.#passed, failed: this.#failures.length };
    this.#print(`${failed > 0 ? `FAIL ${failed} failed,` : 'ok  '} ${passed} passed  ${name}${suffix}`);
  }

  #fail(name: string, details: string): void {
    this.#failures.push(name);
    this.#print(`\nFAIL ${name}\n${indent(details)}\n`);
  }
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '     ');
}

/** What tap knows of a failure. */
function detailsOf(result: Result): string {
  const details = Object.entries((result.diag ?? {}) as Record<string, unknown>).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value.trimEnd() : JSON.stringify(value)}`,
  );
  return details.join('\n') || 'no details';
}

function reasonOf(result: Result): string {
  const reason = result.skip || result.todo;
  return typeof reason === 'string' ? ` (${reason})` : '';
}
