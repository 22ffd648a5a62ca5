import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { cliFor } from './run-cli.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const folder = makeTestFolder(t);
const yaml = `# Who may do what
roles:
  user:
    rules:
      - allow: [read, write, subscribe]
        filter: room/%u/#
  clerk: { permissions: [orders.*], secondFactor: required }
  admin: { permissions: ['*'] }
`;

const fileOf = (text: string) => {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, text);
  return file;
};

t.test('before anybody has written rules the default ones are in force', async (t) => {
  t.same(await cli.json(['rules', 'show']), defaultRulesDocument);
});

t.test('sound rules are told so without asking Redis, with what most people want beside', async (t) => {
  const nowhere = { BEDNET_REDIS_URL: 'redis://cli:x@127.0.0.1:1' };
  const bare = [
    'No role has the permission *: nobody could do everything over HTTP.',
    'There is no role user: an account that registers could do nothing.',
  ];

  const result = await cli(['rules', 'check', fileOf(yaml)], { environment: nowhere });
  t.match(result, { code: 0, stdout: 'The rules are sound.\n', stderr: '' });
  t.same(await cli.json(['rules', 'check', fileOf(yaml)]), { ok: true, warnings: [] });
  t.match(await cli(['rules', 'check', '-'], { input: '{"roles":{}}' }), {
    code: 0,
    stdout: `The rules are sound.\n${bare.join('\n')}\n`,
  });
});

t.test('all faults of a file are named at once with their places, and it is not applied', async (t) => {
  const file = fileOf(
    `rolls: {}
roles:
  user:
    - effect: alow
      access: [read]
      filter: a/#/b
accounts: {}
`,
  );
  const faults: [place: string, path: string, message: string][] = [
    ['1:1', 'rolls', 'rolls is not one of version, roles, accounts, devices'],
    ['4:7', 'roles.user[0].effect', 'roles.user[0].effect is not one of allow, deny'],
    ['6:7', 'roles.user[0].filter', 'roles.user[0].filter is not a topic filter'],
  ];

  const [json, ...texts] = await Promise.all([
    cli(['rules', 'check', file, '--json']),
    cli(['rules', 'check', file]),
    cli(['rules', 'apply', file]),
    cli(['rules', 'apply', file, '--dry-run']),
  ]);

  const lines = faults.map(([place, , message]) => `  ${file}:${place}: ${message}\n`);
  for (const text of texts) {
    t.strictSame(text, { code: 1, stdout: `The rules have faults:\n${lines.join('')}`, stderr: '' });
  }
  t.equal(json.code, 1);
  t.same(JSON.parse(json.stdout), {
    ok: false,
    faults: faults.map(([place, path, message]) => {
      const [line, column] = place.split(':').map(Number);
      return { line, column, path, message };
    }),
  });
  t.same(await cli.json(['rules', 'show']), defaultRulesDocument);
});

t.test('a file that is missing, too long or neither YAML nor text is refused', async (t) => {
  const missing = await cli(['rules', 'check', join(folder, 'none.yaml')]);
  const broken = await cli(['rules', 'apply', fileOf('{"roles": [\x1b[31m')]);
  const bomb = await cli(['rules', 'check', fileOf('a: &a [x]\nb: *a\n')]);
  const long = await cli(['rules', 'check', fileOf(`#${'x'.repeat(1_048_576)}`)]);
  const binary = await cli(['rules', 'check', '-'], { input: Buffer.from([0xff, 0xfe]) });

  t.match(missing, { code: 1, stdout: '', stderr: /^bednet: \S+none\.yaml can't be read \(ENOENT\)\n$/ });
  t.match(broken, { code: 1, stdout: /^The rules have faults:\n  \S+rules\.yaml:1:13: [^\x1b]+\n$/ });
  t.match(bomb, { code: 1, stdout: /rules\.yaml:2:4: is an alias, which no rule needs\n$/ });
  t.match(long, { code: 1, stdout: '', stderr: /^bednet: \S+rules\.yaml is longer than 1048576 bytes\n$/ });
  t.match(binary, { code: 2, stdout: '', stderr: 'bednet: standard input is not UTF-8\n' });
});
