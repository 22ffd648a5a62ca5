import t from 'tap';
import { markIds, operand } from '../../services/cli/operands.ts';
import { escapeControls, list, table, toErrorLine, toJson, toUtc } from '../../services/cli/output.ts';

t.test('control characters, line ends and changes of direction are escaped, all else is kept', async (t) => {
  const cases: [string, string][] = [
    ['plain äöü 中 😀', 'plain äöü 中 😀'],
    ['a\r\nb', 'a\\x0d\\x0ab'],
    ['\x1b[31m', '\\x1b[31m'],
    ['\x00\x7f\x9b', '\\x00\\x7f\\x9b'],
    ['\u202eabc\u2066', '\\u202eabc\\u2066'],
    ['\u2028\u2029', '\\u2028\\u2029'],
  ];

  for (const [text, escaped] of cases) t.equal(escapeControls(text), escaped);
});

t.test('JSON keeps its meaning and holds no control character but its own line ends', async (t) => {
  const value = { text: '\x1b\n\x7f\u009b\u202e\u2028' };

  t.same(JSON.parse(toJson(value)), value);
  t.notMatch(toJson(value), /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/);
});

t.test('a table is aligned by characters and shows empty cells', async (t) => {
  t.equal(
    table(
      ['A', 'LONG', 'C'],
      [
        ['ä😀', '', 'x'],
        ['1', '2\n', ''],
      ],
    ),
    ['A   LONG   C', 'ä😀  -      x', '1   2\\x0a  -'].join('\n'),
  );
  t.equal(list({ a: '1', long: '' }), 'a     1\nlong  -');
});

t.test('times are UTC to the second, and empty where there is none', async (t) => {
  t.equal(toUtc(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), '2026-01-02T03:04:05Z');
  for (const none of [0, Number.NaN, Number.POSITIVE_INFINITY]) t.equal(toUtc(none), '');
});

t.test('an error is one line whatever it holds', async (t) => {
  t.equal(toErrorLine('error: a\nb\x1b\n'), 'bednet: a b\\x1b\n');
});

t.test('ids that begin with a hyphen are operands, options stay options', async (t) => {
  const [id, kid] = [`-${'A'.repeat(21)}`, `-${'A'.repeat(42)}`];
  const args = [
    'session',
    'revoke',
    id,
    `${id}-tab.1`,
    kid,
    '--json',
    '-y',
    '--reason',
    'x',
    '--',
    `-${'A'.repeat(20)}`,
  ];

  const marked = markIds(args);

  t.same(marked.map(operand), args);
  t.same(marked.filter((arg, index) => arg !== args[index]).map(operand), [id, `${id}-tab.1`, kid]);
});
