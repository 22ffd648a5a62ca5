import t from 'tap';
import { TestReport, type Totals } from '../support/test-report.ts';

const cases: [what: string, tap: string, expected: Totals][] = [
  [
    'assertions are counted, not tests',
    file('ok', '    ok 1 - a\n    ok 2 - b\n    1..2\n'),
    { passed: 2, failed: 0 },
  ],
  [
    'a failed assertion counts once, not again for its file',
    file('not ok', '    not ok 1 - a\n    1..1\n'),
    { passed: 0, failed: 1 },
  ],
  [
    'a file that crashed after its assertions counts',
    file('not ok', '    ok 1 - a\n    1..1\n'),
    { passed: 1, failed: 1 },
  ],
  ['a file without tests counts', 'ok 1 - x.test.ts # SKIP no tests found\n1..1\n', { passed: 0, failed: 1 }],
  [
    'a skipped test counts neither way',
    file('ok', '    ok 1 - a\n    ok 2 - b # SKIP later\n    1..2\n'),
    { passed: 1, failed: 0 },
  ],
  ['a file that never ran counts', '1..0\n', { passed: 0, failed: 1 }],
  ['bailing out counts', 'Bail out! enough\n', { passed: 0, failed: 2 }],
];

for (const [what, tap, expected] of cases) {
  t.test(what, async (t) => {
    const report = new TestReport(() => {});

    report.openRun().end(tap);

    t.same(report.finish(['x.test.ts']), expected);
  });
}

t.test('a run that fails without a failed test counts', async (t) => {
  const report = new TestReport(() => {});
  report.openRun().end(file('ok', '    ok 1 - a\n    1..1\n'));

  report.noteExit(1);

  t.same(report.finish(['x.test.ts']), { passed: 1, failed: 1 });
});

t.test('no test files at all is a failure', async (t) => {
  t.same(new TestReport(() => {}).finish([]), { passed: 0, failed: 1 });
});

function file(verdict: 'ok' | 'not ok', body: string): string {
  return `TAP version 14\n# Subtest: x.test.ts\n${body}${verdict} 1 - x.test.ts # time=5ms\n1..1\n`;
}
