import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { cliFor, cliMain } from './run-cli.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const redisAt = (url: string) => ({ environment: { BEDNET_REDIS_URL: url } });

t.test('help says what there is, on standard output', async (t) => {
  const result = await cli(['--help']);

  t.match(result, { code: 0, stderr: '' });
  for (const word of ['account', 'session', 'rules', 'explain', 'Exit codes']) t.match(result.stdout, word);
  t.match(await cli(['session', 'revoke', '--help']), { code: 0, stdout: /--all <account>/ });
});

t.test('no command, an unknown one or a misspelt one is wrong usage', async (t) => {
  t.match(await cli([]), { code: 2, stdout: '', stderr: /^Usage: bednet / });
  t.match(await cli(['account']), { code: 2, stdout: '', stderr: /^Usage: bednet account / });
  t.match(await cli(['acount']), {
    code: 2,
    stdout: '',
    stderr: "bednet: unknown command 'acount' (Did you mean account?)\n",
  });
  t.match(await cli(['account', 'lst\x1b[2J']), {
    code: 2,
    stdout: '',
    stderr: /^bednet: unknown command 'lst\\x1b\[2J'[^\n]*\n$/,
  });
});

t.test('the help names the way the command was called', async (t) => {
  const { stdout } = await cli(['--help'], { environment: { npm_lifecycle_event: 'bednet' } });

  t.match(stdout, /^Usage: npm run -s bednet -- /);
});

t.test('wrong settings are named all at once', async (t) => {
  const result = await cli(['account', 'list'], {
    environment: { ARGON2_TIME: 'x', PASSWORD_MIN_LENGTH: '7' },
  });

  t.match(result, { code: 2, stdout: '' });
  t.equal(
    result.stderr,
    'bednet: PASSWORD_MIN_LENGTH is not a whole number from 8 to 64; ARGON2_TIME is not a whole number from 1 to 100\n',
  );
});

t.test(
  'an address of Redis without password, or without TLS off this machine, is refused and not shown',
  async (t) => {
    for (const url of [
      'http://cli:s3cret@127.0.0.1',
      'redis://127.0.0.1:1',
      'redis://cli:s3cret@redis.example:1',
      's3cret',
    ]) {
      const result = await cli(['account', 'list'], redisAt(url));
      t.match(result, { code: 2, stdout: '', stderr: /^bednet: BEDNET_REDIS_URL [^\n]+\n$/ }, url);
      t.notMatch(result.stderr, 's3cret');
    }
  },
);

t.test(
  'a Redis that is not there, refuses the password or does not answer ends with exit code 3',
  async (t) => {
    const missing = await cliFor(makeTestFolder(t))(['account', 'list']);
    const refused = await cli(['account', 'list'], redisAt('redis://cli:s3cret@127.0.0.1:1'));
    const wrong = await cli(
      ['account', 'list'],
      redisAt(`redis://cli:s3cret@127.0.0.1:${stack.ports.redis}`),
    );
    stack.part('redis').pause();
    const frozen = await cli(['account', 'list']);
    stack.part('redis').resume();

    t.match(missing, {
      code: 3,
      stdout: '',
      stderr: /^bednet: no address of Redis in \S+ \(ENOENT\): run make up first/,
    });
    t.match(refused, {
      code: 3,
      stdout: '',
      stderr: "bednet: Redis at 127.0.0.1:1 can't serve this: ECONNREFUSED\n",
    });
    t.match(wrong, {
      code: 3,
      stdout: '',
      stderr: /^bednet: Redis at \S+ can't serve this: WRONGPASS [^\n]+\n$/,
    });
    t.match(frozen, { code: 3, stdout: '', stderr: /^bednet: Redis at \S+ can't serve this: no answer\n$/ });
    for (const { stderr } of [missing, refused, wrong, frozen]) t.notMatch(stderr, /s3cret|\n {4}at /);
  },
);

t.test('a change that is not durable in time ends with exit code 3', async (t) => {
  await cli(['account', 'create', 'alice'], { input: 'correct horse battery' });

  const result = await cli(['account', 'disable', 'alice'], {
    environment: { REDIS_REPLICAS_REQUIRED: '1' },
  });

  t.match(result, {
    code: 3,
    stdout: '',
    stderr: /could not be made durable in time\. Repeating it is safe\.\n$/,
  });
});

t.test('a missing pepper is named, and no account is created', async (t) => {
  const pepper = join(stack.runDir.path, 'none');
  const result = await cli(['account', 'create', 'bob'], {
    input: 'correct horse battery',
    environment: { PASSWORD_PEPPER_FILE: pepper },
  });

  t.match(result, { code: 1, stdout: '', stderr: /^bednet: the password pepper can't be read: [^\n]+\n$/ });
  t.match(await cli(['account', 'show', 'bob']), { code: 1 });
});

t.test('npm runs it with arguments as they are and a file relative to where the person is', async (t) => {
  const folder = makeTestFolder(t);
  const project = join(cliMain, '../../..');
  const npm = (args: string[], cwd: string) =>
    spawnSync('npm', ['run', '-s', '--prefix', project, 'bednet', '--', ...args], { cwd, encoding: 'utf8' });

  const result = npm(['rules', 'check', "it's not there.json"], folder);

  t.match(result, { status: 1, stdout: '', stderr: "bednet: it's not there.json can't be read (ENOENT)\n" });
});
