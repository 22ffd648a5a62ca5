import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { checkRulesDocument } from '../../services/core/acl/check-rules-document.ts';
import { accesses, defaultRulesDocument, type Role, type Rule } from '../../services/core/acl/rules.ts';
import { formatRulesFile } from '../../services/core/rules/format-rules-file.ts';
import { parseRulesFile } from '../../services/core/rules/parse-rules-file.ts';
import { cpuMs } from '../support/cpu-time.ts';

/** The value of a text, or its faults as `line:column sentence`. */
const read = async (text: string): Promise<unknown> => {
  const parsed = await parseRulesFile(text);
  if (!('faults' in parsed)) return parsed.value;
  return parsed.faults.map(({ line, column, sentence }) => `${line}:${column} ${sentence}`);
};

t.test('a file is YAML 1.2, and so may be JSON', async (t) => {
  const value = { roles: { user: [{ allow: ['read'], filter: 'a/#' }] }, accounts: { '7': [] } };

  t.strictSame(
    await read('roles:\n  user:\n    - allow: [read]\n      filter: a/#\naccounts: {7: []}\n'),
    value,
  );
  t.strictSame(await read(JSON.stringify(value)), value);
  t.strictSame(await read(`\ufeff${JSON.stringify(value, null, '\t')}\r\n`), value);
  t.strictSame(await read('"\\ud83d\\ude00 \\/"'), '😀 /');
  t.strictSame(await read('{yes: no, on: off, 0x1: 1.0, "": ~}'), {
    yes: 'no',
    on: 'off',
    '0x1': 1,
    '': null,
  });
  t.strictSame(await read('# nothing\n'), null);
});

t.test('what a file of rules has no need for is refused, with its place', async (t) => {
  const rows: [text: string, ...faults: string[]][] = [
    [
      'a: &x [read]\nb: *x\n',
      '1:7 has an anchor, which no rule needs',
      '2:4 is an alias, which no rule needs',
    ],
    ['a: !!binary aGk=', '1:13 has a tag, which no rule needs'],
    ['a: !!str 7', '1:10 has a tag, which no rule needs'],
    ['%YAML 1.1\n---\na: yes\n', '1:1 begins with a directive'],
    ['%TAG ! tag:x,2000:\n---\na: !y z\n', '3:4 Unresolved tag: tag:x,2000:y'],
    ['a: 1\n---\nb: 2\n', '2:1 is a second document in one file'],
    ['a: 1\nb: 2\na: 3\n', '3:1 is there already: a name stands once'],
    ['{"a": 1, "\\u0061": 2}', '1:10 is there already: a name stands once'],
    ['? [a]\n: 1\n', '1:3 With stringKeys, all keys must be strings'],
    ['[1,\n 2', '2:3 Flow sequence must end with a ]'],
    ['a:\n\tb: 1\n', '2:1 Tabs are not allowed as indentation'],
  ];

  for (const [text, ...faults] of rows) t.strictSame(await read(text), faults, JSON.stringify(text));
});

t.test('a YAML bomb bursts before it grows', async (t) => {
  const list = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(',')}]\n`;
  const laughs = list('a', 'ha') + [...'bcdefghi'].map((x, i) => list(x, `*${'abcdefgh'[i]}`)).join('');

  const bombs: Record<string, string> = {
    'nested lists': '['.repeat(500_000),
    'nested objects': '{"a":'.repeat(200_000),
    'nested blocks': '- '.repeat(500_000),
    'nested keys': '? '.repeat(500_000),
    'a billion laughs': laughs,
  };
  for (const [name, bomb] of Object.entries(bombs)) {
    const startMs = cpuMs();
    const faults = (await read(bomb)) as string[];

    t.match(faults[0], name === 'a billion laughs' ? /has an anchor/ : /is nested too deeply/, name);
    t.ok(faults.length <= 20, `${name}: ${faults.length} faults are told`);
    t.ok(cpuMs() - startMs < 1000, `${name}: within a second`);
  }
});

t.test('a fault is found at its line and column', async (t) => {
  const parsed = await parseRulesFile(
    'version: "1"\nroles:\n  user:\n    rules:\n      - allow: [read, all]\n        filter: a\naccounts:\n  "a.b":\n    - x: 1\n',
  );
  if ('faults' in parsed) throw new Error('the text is sound');
  const rows: [path: string, line: number, column: number][] = [
    ['', 1, 1],
    ['version', 1, 1],
    ['roles.user', 3, 3],
    ['roles.user.rules[0]', 5, 9],
    ['roles.user.rules[0].allow[1]', 5, 23],
    ['roles.user.rules[0].filter', 6, 9],
    ['roles.user.rules[0].effect', 5, 9],
    ['accounts["a.b"][0].filter', 9, 7],
    ['accounts["a.b"]', 8, 3],
    ['devices', 1, 1],
  ];

  for (const [path, line, column] of rows) t.strictSame(parsed.findPosition(path), { line, column }, path);
});

t.test('the example of the documentation is sound', async (t) => {
  const [, example = ''] = /```yaml\n([^]*?)```/.exec(readFileSync('docs/rules.md', 'utf8')) ?? [];

  t.equal(checkRulesDocument({ version: '1', ...((await read(example)) as object) }).ok, true);
});

t.test('the default rules are written as people write them', async (t) => {
  t.equal(
    await formatRulesFile(defaultRulesDocument),
    `version: "0"
roles:
  user:
    rules:
      - allow: [read, write, subscribe]
        filter: users/%u/#
  device:
    rules:
      - allow: [read, write, subscribe]
        filter: devices/%d/#
  admin:
    permissions: ["*"]
    rules: []
`,
  );
});

t.test('every sound document is the same after it was written and read', async (t) => {
  const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
  const names = fc.oneof(
    name,
    fc
      .constantFrom('__proto__', 'true', 'null', '1e3', '<<', '-', '~')
      .filter((x) => x !== '<<' && x !== '~'),
  );
  const unit = fc.oneof(
    fc.constantFrom('a', '/', ' ', '#', ':', '\n', '\t', '"', "'", '%%', '\u202e', '\x1b', '*', '&', '!'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const filter = fc.array(unit, { minLength: 1, maxLength: 12 }).map((units) => units.join(''));
  const rule: fc.Arbitrary<Rule> = fc.record({
    effect: fc.constantFrom('allow', 'deny'),
    access: fc.shuffledSubarray([...accesses], { minLength: 1 }),
    filter,
  });
  const rules = fc.array(rule, { maxLength: 3 });
  const role: fc.Arbitrary<Role> = fc.record(
    {
      permissions: fc.uniqueArray(fc.constantFrom('*', 'a.*', 'a.b', 'on.off')),
      secondFactor: fc.constant('required' as const),
      rules,
    },
    { requiredKeys: ['permissions', 'rules'] },
  );
  const document = fc.record(
    {
      version: fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
      roles: fc.dictionary(names, role, { maxKeys: 4 }),
      accounts: fc.dictionary(names, rules, { maxKeys: 3 }),
    },
    { requiredKeys: ['version', 'roles'] },
  );
  let sound = 0;

  await fc.assert(
    fc.asyncProperty(document, async (generated) => {
      const checked = checkRulesDocument(generated);
      if (!checked.ok) return;
      sound += 1;
      const yaml = await formatRulesFile(checked.document);
      const json = JSON.stringify(checked.document, null, 2);
      for (const text of [yaml, json]) {
        const again = checkRulesDocument(await read(text));
        if (!again.ok || JSON.stringify(again.document) !== JSON.stringify(checked.document)) {
          throw new Error(`${text}\n${JSON.stringify(again)}`);
        }
      }
    }),
    { numRuns: 1500 },
  );

  t.ok(sound > 300, `${sound} of the documents were sound`);
});
