import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runFiles, type FileEnd } from '../support/run-files.ts';
import { makeTestFolder } from '../support/stack.ts';
import { TestReport, type Totals } from '../support/test-report.ts';

const whole = { stderr: '', fault: undefined, seconds: 1 };
const cases: [what: string, output: string, expected: Totals, fault?: string][] = [
  ['assertions are counted, not tests', inTest('ok', 'ok 1 - a\nok 2 - b\n1..2'), { passed: 2, failed: 0 }],
  [
    'a failed assertion counts once, not again for its test and file',
    inTest('not ok', 'not ok 1 - a\n1..1'),
    { passed: 0, failed: 1 },
    'exit 1',
  ],
  [
    'a test that threw after its assertions counts',
    inTest('not ok', 'ok 1 - a\n1..1'),
    { passed: 1, failed: 1 },
    'exit 1',
  ],
  [
    'a file that ended badly after its tests counts',
    inTest('ok', 'ok 1 - a\n1..1'),
    { passed: 1, failed: 1 },
    'exit SIGKILL',
  ],
  ['a file whose output stops counts', 'TAP version 14\nok 1 - a\n', { passed: 1, failed: 1 }],
  ['a file without tests counts', 'TAP version 14\n1..0\n', { passed: 0, failed: 1 }],
  ['a file without any output counts', '', { passed: 0, failed: 1 }],
  [
    'a skipped test counts neither way',
    inTest('ok', 'ok 1 - a\nok 2 - b # SKIP later\n1..2'),
    { passed: 1, failed: 0 },
  ],
  ['a file of which all is skipped is no failure', 'ok 1 - a # SKIP\n1..1\n', { passed: 0, failed: 0 }],
  ['bailing out counts', 'Bail out! enough\n', { passed: 0, failed: 1 }, 'exit 1'],
];

for (const [what, output, expected, fault] of cases) {
  t.test(what, async (t) => {
    const report = new TestReport(() => {});
    report.noteCheck('beside it', true, '');

    report.noteFile({ ...whole, name: 'x.test.ts', output, fault });

    t.same(report.finish(), { ...expected, passed: expected.passed + 1 });
  });
}

t.test('nothing at all is a failure', async (t) => {
  t.same(new TestReport(() => {}).finish(), { passed: 0, failed: 1 });
});

t.test('what a failed file wrote to standard error is shown, and of others nothing', async (t) => {
  const lines: string[] = [];
  const report = new TestReport((line) => lines.push(line));
  const end = { ...whole, name: 'x.test.ts', output: 'ok 1 - a\n1..1\n', stderr: 'a trace' };

  report.noteFile(end);
  t.notMatch(lines.join('\n'), 'a trace');
  report.noteFile({ ...end, fault: 'exit 1' });

  t.match(lines.join('\n'), /FAIL x\.test\.ts\n +exit 1[^]*a trace/);
});

t.test('each file is a program of its own: a good one, a bad one, none', async (t) => {
  const [good, bad] = [
    writeProgram(t, 'good', "console.log('ok 1 - a\\n1..1')"),
    writeProgram(t, 'bad', 'nonsense('),
  ];
  const ends = new Map<string, FileEnd>();

  await runFiles([good, bad, 'no/such.ts'], { timeoutSeconds: 60, onEnd: (end) => ends.set(end.name, end) });

  t.match(ends.get(good), { fault: undefined, output: 'ok 1 - a\n1..1\n' });
  t.match(ends.get(bad), { fault: 'exit 1', stderr: /SyntaxError/ });
  t.match(ends.get('no/such.ts'), { fault: 'exit 1', stderr: /Cannot find module/ });
});

t.test('a file that never ends is killed', async (t) => {
  const endless = writeProgram(t, 'endless', 'setInterval(() => {}, 1000)');
  const faults: (string | undefined)[] = [];

  await runFiles([endless], {
    ...{ timeoutSeconds: 1, overdueSeconds: 0 },
    onEnd: ({ fault }) => faults.push(fault),
  });

  t.same(faults, ['exit SIGKILL']);
});

function writeProgram(t: Test, name: string, text: string): string {
  const path = join(makeTestFolder(t), `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

function inTest(verdict: 'ok' | 'not ok', body: string): string {
  return `TAP version 14\n# Subtest: it\n${body.replace(/^/gm, '    ')}\n${verdict} 1 - it # time=5ms\n1..1\n`;
}
