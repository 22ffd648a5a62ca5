import t from 'tap';
import { createPasswordHasher } from '../../services/core/passwords/hasher.ts';
import { findPasswordHash } from '../../services/core/accounts/account.ts';
import { readSecret } from '../../services/core/tokens/key-files.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));

interface AccountJson {
  uid: string;
  username: string;
  state: string;
  roles: string[];
}

const create = (username: string, ...options: string[]) =>
  cli.json<AccountJson>(['account', 'create', username, ...options], { input: `${goodPassword}\n` });

t.test('a new system has no account', async (t) => {
  const text = await cli(['account', 'list']);
  const accounts = await cli.json<AccountJson[]>(['account', 'list']);

  t.match(text, { code: 0, stdout: 'There is no account.\n', stderr: '' });
  t.same(accounts, []);
});

t.test(
  'an account is created with a password from standard input, hashed as the session service does',
  async (t) => {
    const created = await cli(
      [
        'account',
        'create',
        'alice',
        '--email',
        'alice@example.org',
        '--name',
        'Alice A.',
        '--role',
        'user',
        '--role',
        'admin',
      ],
      { input: `${goodPassword}\n` },
    );
    const shown = await cli.json<AccountJson>(['account', 'show', 'ALICE']);

    t.match(created, {
      code: 0,
      stdout: /^Created account alice \(uid [\w-]{22}\) with roles user, admin\.\n$/,
      stderr: '',
    });
    t.match(shown, {
      username: 'alice',
      email: 'alice@example.org',
      fullName: 'Alice A.',
      roles: ['user', 'admin'],
      state: 'active',
      createdAtMs: Number,
      liveSessions: 0,
    });
    const hasher = await createPasswordHasher(
      { memoryKib: 1024, passes: 1, parallelism: 1 },
      readSecret(stack.secrets.files.pepper),
    );
    t.ok(await hasher.verify(goodPassword, await findPasswordHash(store, shown.uid)), 'without the line end');
  },
);

t.test('an account has the role user and the default cost of hashing unless told otherwise', async (t) => {
  const created = await cli(['account', 'create', 'bob', '--json'], {
    input: goodPassword,
    environment: { ARGON2_MEMORY_KIB: '', ARGON2_TIME: '' },
  });
  const { uid, roles } = JSON.parse(created.stdout) as AccountJson;

  t.same(roles, ['user']);
  t.match(await findPasswordHash(store, uid), /^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
});

t.test('what can not be an account is refused', async (t) => {
  await create('taken', '--email', 'taken@example.org');
  const cases: [what: string, args: string[], input: string | Buffer, code: number, stderr: RegExp][] = [
    ['a username that is taken, in other case', ['TAKEN'], goodPassword, 1, /username TAKEN is taken/],
    [
      'an e-mail address that is taken',
      ['x1', '--email', 'Taken@example.org'],
      goodPassword,
      1,
      /address Taken@example.org is taken/,
    ],
    ['14 characters', ['x2'], '14 characters!', 1, /at least 15 characters/],
    ['257 characters', ['x2'], 'x'.repeat(257), 1, /longer than 256/],
    ['the username and a year', ['longer.name'], 'Longer.Name 2026', 1, /little more than the username/],
    ['a common password', ['x2'], 'passwordpassword', 1, /many people use/],
    ['no password', ['x2'], '', 2, /no password on standard input/],
    ['an empty line', ['x2'], '\n', 2, /no password on standard input/],
    ['two lines', ['x2'], `${goodPassword}\n${goodPassword}\n`, 2, /more than one line/],
    ['a megabyte', ['x2'], 'x'.repeat(1_000_000), 2, /longer than 4096 bytes/],
    ['bytes that are not UTF-8', ['x2'], Buffer.from([...Buffer.from(goodPassword), 0xff]), 2, /not UTF-8/],
    ['a NUL', ['x2'], `${goodPassword}\0`, 1, /not valid Unicode/],
    ['a username with a slash', ['a/b'], goodPassword, 2, /'a\/b' is invalid/],
    ['a username with an escape sequence', ['a\x1b[2J'], goodPassword, 2, /'a\\x1b\[2J' is invalid/],
    ['a username of 65 characters', ['x'.repeat(65)], goodPassword, 2, /is invalid/],
    ['no username', [], goodPassword, 2, /missing required argument 'username'/],
    ['a password as an argument', ['x2', goodPassword], '', 2, /too many arguments/],
    ['an unknown option', ['x2', '--password', goodPassword], '', 2, /unknown option '--password'/],
    ['an e-mail address without @', ['x2', '--email', 'x'], goodPassword, 2, /not an e-mail address/],
    ['a role with a comma', ['x2', '--role', 'a,b'], goodPassword, 2, /is invalid/],
    ['a name with a line break', ['x2', '--name', 'a\nb'], goodPassword, 2, /printable characters/],
  ];

  for (const [what, args, input, code, stderr] of cases) {
    const result = await cli(['account', 'create', ...args], { input });
    t.match(result, { code, stdout: '', stderr }, what);
    t.match(result.stderr, /^bednet: [^\n]+\n$/, `${what}: one line`);
  }
  t.notOk(await store.redis.exists('bn:login:x1', 'bn:login:x2'), 'no name stays claimed');
});

t.test('a password and the secrets appear nowhere in what is printed', async (t) => {
  const created = await cli(['account', 'create', 'quiet'], { input: `${goodPassword}\n` });
  const refused = await cli(['account', 'create', 'quiet2'], { input: 'hunter2\n' });

  const printed = created.stdout + created.stderr + refused.stdout + refused.stderr;
  for (const secret of [goodPassword, 'hunter2', stack.secrets.redisPasswords.cli])
    t.notMatch(printed, secret);
});

t.test('disabling ends all sessions, enabling brings none back', async (t) => {
  const { uid } = await create('carol');
  const session = await signInAs(store, 'carol');

  const disabled = await cli.json(['account', 'disable', 'carol', '--reason', 'left the company']);
  const again = await cli(['account', 'disable', 'carol']);
  const shown = await cli.json(['account', 'show', uid]);
  const tombstone = await store.redis.hgetall(`bn:{${uid[0]}}:session:${session.sid}`);
  const enabled = await cli(['account', 'enable', 'carol']);

  t.match(disabled, {
    uid,
    username: 'carol',
    state: 'disabled',
    changed: true,
    sessionsEnded: 1,
    durableInMs: Number,
  });
  t.match(again, { code: 0, stdout: /^Nothing to change, already disabled: account carol/ });
  t.match(shown, { state: 'disabled', liveSessions: 0 });
  t.match(tombstone, { state: 'revoked', reason: 'left the company', actor: /^cli:.+/ });
  t.match(enabled, { code: 0, stdout: /^Enabled account carol; durable in [\d.]+ ms\.\n$/ });
  t.match(await cli.json(['account', 'show', 'carol']), { state: 'active', liveSessions: 0 });
});

t.test('an unknown account is told by every command that needs one', async (t) => {
  const commands = ['show', 'disable', 'enable', 'delete', 'restore', 'purge', 'unlock', 'start-reset'];
  for (const command of [...commands, 'force-password-change', 'remove-second-factor']) {
    const result = await cli(['account', command, 'nobody']);
    t.match(result, { code: 1, stdout: '', stderr: 'bednet: there is no account nobody\n' }, command);
  }
});

t.test('a username that is the uid of another account is not mistaken for it', async (t) => {
  const { uid } = await create('erin');
  await create(uid);

  const result = await cli(['account', 'delete', uid]);

  t.match(result, { code: 1, stdout: '', stderr: /is the username of [\w-]{22} and the uid of erin/ });
  t.match(await cli.json(['account', 'show', 'erin']), { uid });
});

t.test(
  'control characters of stored names reach neither the terminal nor the JSON as they are',
  async (t) => {
    const { uid } = await create('mallory', '--email', 'm@example.org');
    await store.redis.hset(
      `bn:{${uid[0]}}:account:${uid}`,
      'email',
      'a\x1b[2J\u009b\u202e@b',
      'fullName',
      'x\ny',
    );

    const listed = await cli(['account', 'list']);
    const shown = await cli(['account', 'show', uid]);
    const json = await cli(['account', 'show', uid, '--json']);

    t.match(listed.stdout, 'a\\x1b[2J\\x9b\\u202e@b');
    t.match(shown.stdout, 'x\\x0ay\n');
    for (const { stdout } of [listed, shown, json]) t.notMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    t.match(JSON.parse(json.stdout), { email: 'a\x1b[2J\u009b\u202e@b' }, 'JSON means what is stored');
  },
);
