import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createSecretWatch, failOnSecretsBelow, usedSecrets } from '../support/secret-watch.ts';

const nothing = new Headers();
const ok = { status: 200, headers: nothing };

t.test('a secret is found wherever it stands, whole or by its end', async (t) => {
  const watch = createSecretWatch();
  const token = randomBytes(32).toString('base64url');
  watch.note(token, 'access token');

  for (const text of [
    token,
    `{"url":"/x?access_token=${token}"}`,
    `Bearer ${token}.`,
    `…${token.slice(-20)}`,
  ]) {
    t.same(watch.find(text), ['access token'], text);
  }
  for (const text of ['', token.slice(0, 30), token.toLowerCase(), token.slice(-15)]) {
    t.same(watch.find(text), [], text);
  }
});

t.test(
  'passwords and codes that are sent are secrets, and tokens, keys and cookies that come back',
  async (t) => {
    const cases: [string, object, object, Headers, string][] = [
      [
        'sent password',
        { username: 'ann', password: 'correct horse battery' },
        {},
        nothing,
        'correct horse battery',
      ],
      [
        'sent new_password',
        { new_password: 'a "quoted" one, Ünïcode' },
        {},
        nothing,
        'a \\"quoted\\" one, Ünïcode',
      ],
      ['sent code', { code: '271828' }, {}, nothing, '"code":"271828"'],
      [
        'sent refresh_token',
        { refresh_token: 'sid.1.kid.mac-of-the-token' },
        {},
        nothing,
        'mac-of-the-token',
      ],
      [
        'answered access_token',
        {},
        { data: { access_token: 'head.body.the-signature-of-it' } },
        nothing,
        'the-signature-of-it',
      ],
      [
        'answered backup_codes',
        {},
        { data: { backup_codes: ['abcd-efgh-ijkl-mnop'] } },
        nothing,
        'abcd-efgh-ijkl-mnop',
      ],
      ['answered key', {}, { data: { device: { key: 'k'.repeat(43) } } }, nothing, `key=${'k'.repeat(43)}`],
      [
        'answered cookie',
        {},
        {},
        new Headers({ 'set-cookie': 'a=the-value-of-a-cookie; Path=/' }),
        'value-of-a-cookie',
      ],
    ];
    for (const [what, sent, body, headers, line] of cases) {
      const watch = createSecretWatch();
      watch.noteExchange(sent, { ...ok, body, headers });

      t.same(watch.find(`{"level":30,"msg":"${line}"}`), [what], what);
      t.same(watch.find('{"level":30,"username":"ann","responseTime":1.271828,"pid":2718281}'), [], what);
    }
  },
);

t.test('a wrong password is a secret, one that is refused as unfit need not be', async (t) => {
  for (const [status, found] of [
    [401, ['sent password']],
    [400, []],
  ] as const) {
    const watch = createSecretWatch();
    watch.noteExchange({ password: 'alexander' }, { ...ok, body: undefined, status });

    t.same(watch.find('{"username":"alexander"}'), found, `${status}`);
  }
});

t.test('a file with a secret fails the test file, and is named without it', async (t) => {
  const folder = t.testdir({ log: { 'redis.log': 'nothing here' } });
  const secret = randomBytes(32).toString('base64url');
  usedSecrets.note(secret, 'device key');
  const told: unknown[] = [];
  const { error } = console;
  console.error = (line: unknown) => void told.push(line);
  t.teardown(() => Object.assign(console, { error }));

  failOnSecretsBelow(folder);
  t.equal(process.exitCode, undefined);
  writeFileSync(join(folder, 'log', 'session.log'), `\x00\xff key ${secret}\n`);
  failOnSecretsBelow(folder);

  t.equal(process.exitCode, 1);
  process.exitCode = undefined;
  t.same(told, ['There are secrets in log/session.log: device key']);
});
