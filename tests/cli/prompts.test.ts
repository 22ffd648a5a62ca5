import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { cliFor, cliMain, goodPassword, type CliResult } from './run-cli.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);

/**
 * Runs a command on a terminal of its own (script(1), package bsdutils) and types each answer once its question is
 * there. What the terminal showed comes back as stdout.
 */
async function onTerminal(
  args: readonly string[],
  typed: readonly [question: string, answer: string][],
  environment: Record<string, string> = {},
): Promise<CliResult> {
  const command = [process.execPath, cliMain, ...args].map((arg) => `'${arg}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      RUN_DIR: stack.runDir.path,
      TERM: 'dumb',
      SHELL: '/bin/sh',
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  let from = 0;
  for (const [question, answer] of typed) {
    await until(() => shown.includes(question, from) || child.exitCode !== null, {
      what: `${question} in ${shown}`,
    });
    from = shown.length;
    child.stdin.write(answer);
  }
  const code = await ended;
  child.stdin.destroy();
  return { code, stdout: shown, stderr: '' };
}

t.test('on a terminal the password is asked twice and never shown', async (t) => {
  const result = await onTerminal(
    ['account', 'create', 'alice'],
    [
      ['New password: ', `${goodPassword}\r`],
      ['The same again: ', `${goodPassword}\r`],
    ],
  );

  t.match(result, { code: 0, stdout: /Created account alice/ });
  t.notMatch(result.stdout, goodPassword);
});

t.test('two different passwords create no account', async (t) => {
  const result = await onTerminal(
    ['account', 'create', 'bob'],
    [
      ['New password: ', `${goodPassword}\r`],
      ['The same again: ', 'correct horse buttery\r'],
    ],
  );

  t.match(result, { code: 1, stdout: /bednet: the two passwords differ; nothing was changed/ });
  t.match(await cli(['account', 'show', 'bob']), { code: 1 });
});

t.test('a destructive command asks, and only yes goes ahead', async (t) => {
  await cli.json(['account', 'create', 'carol'], { input: goodPassword });
  const question = 'Delete carol and end all its sessions? [y/N] ';

  for (const answer of ['\r', 'n\r', 'nope\r', '\x04']) {
    const refused = await onTerminal(['account', 'delete', 'carol'], [[question, answer]]);
    t.match(refused, { code: 1, stdout: /bednet: nothing was/ }, JSON.stringify(answer));
  }
  t.match(await cli(['account', 'show', 'carol']), { code: 0 }, 'it is still there');
  t.match(await onTerminal(['account', 'delete', 'carol'], [[question, 'y\r']]), {
    code: 0,
    stdout: /Deleted account carol/,
  });
});

t.test('what closes the connections of a device asks, and only yes goes ahead', async (t) => {
  await cli.json(['device', 'create', 'lamp']);
  const cases: [args: string[], question: string][] = [
    [['rotate-key', 'lamp', '--overlap', '0'], 'Void the key of lamp and close its connections? [y/N] '],
    [['disable', 'lamp'], 'Disable lamp and close its connections? [y/N] '],
    [['delete', 'lamp'], 'Delete lamp for good and close its connections? [y/N] '],
  ];

  for (const [args, question] of cases) {
    const refused = await onTerminal(['device', ...args], [[question, '\r']]);
    t.match(refused, { code: 1, stdout: /bednet: nothing was changed/ }, args.join(' '));
    t.match(await onTerminal(['device', ...args], [[question, 'y\r']]), { code: 0 }, args.join(' '));
  }
});

t.test('--yes asks nothing', async (t) => {
  await cli.json(['account', 'create', 'dave'], { input: goodPassword });

  const result = await onTerminal(['account', 'disable', 'dave', '--yes'], []);

  t.match(result, { code: 0, stdout: /^Disabled account dave/ });
});

t.test('Ctrl-C at a prompt changes nothing', async (t) => {
  const result = await onTerminal(['account', 'create', 'erin'], [['New password: ', '\x03']]);

  t.match(result, { code: 130, stdout: /bednet: interrupted/ });
  t.match(await cli(['account', 'show', 'erin']), { code: 1 });
});

t.test('the difference is shown before the question, in colours where the terminal has some', async (t) => {
  const file = join(makeTestFolder(t), 'rules.yaml');
  writeFileSync(file, 'roles:\n  user: []\n  admin: { permissions: [orders.*] }\n');
  const apply = (answer: string, environment: Record<string, string>) =>
    onTerminal(['rules', 'apply', file], [['[y/N] ', answer]], environment);
  const question = 'Replace the rules in force (version 0)? [y/N] ';

  const refused = await apply('n\r', { TERM: 'xterm-256color' });
  const plain = await apply('n\r', { TERM: 'xterm-256color', NO_COLOR: '1' });
  const done = await apply('y\r', {});

  t.match(refused, { code: 1, stdout: /nothing was changed/ });
  t.match(refused.stdout, '\x1b[33m~ roles.admin\x1b[39m\r\n\x1b[31m    - permission *\x1b[39m\r\n');
  t.match(refused.stdout, '\x1b[32m    + permission orders.*\x1b[39m\r\n');
  t.match(refused.stdout, question);
  t.match(plain.stdout, '    + permission orders.*\r\n');
  t.match(done, { code: 0, stdout: /in force as version 1-/ });
  t.equal(done.stdout.split('~ roles.admin').length, 2, 'shown once');
});
