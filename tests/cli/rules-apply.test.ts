import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { defaultRulesDocument } from '../../services/core/acl/rules.ts';
import { rulesKey } from '../../services/core/redis/keys.ts';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));
const admin = await openTestStore(t, stack.redisAdminUrl);
const folder = makeTestFolder(t);
const room = { effect: 'allow', access: ['read', 'write', 'subscribe'], filter: 'room/%u/#' };
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

t.test('a dry run shows the difference and changes nothing', async (t) => {
  const file = fileOf(yaml);

  const [shown, json] = await Promise.all([
    cli(['rules', 'apply', file, '--dry-run']),
    cli.json<object>(['rules', 'apply', file, '--dry-run']),
  ]);

  t.match(shown, { code: 0, stderr: '' });
  t.equal(
    shown.stdout,
    `~ roles.user
    - allow read, write, subscribe on users/%u/#
    + allow read, write, subscribe on room/%u/#
- roles.device
    - allow read, write, subscribe on devices/%d/#
+ roles.clerk
    + permission orders.*
    + second factor required
A dry run: version 0 stays in force.
`,
  );
  t.match(json, {
    dryRun: true,
    changed: true,
    version: '0',
    warnings: [],
    difference: [{ sign: '~', text: 'roles.user' }, {}, {}],
  });
  t.same(await cli.json(['rules', 'show']), defaultRulesDocument);
  t.same(await cli.json(['rules', 'history']), []);
});

t.test('what a filter holds can neither fake a line nor act on the terminal', async (t) => {
  const rule = { allow: ['read'], filter: 'a\n- roles.admin\x1b[2J' };
  const { stdout } = await cli(['rules', 'apply', '-', '--dry-run'], {
    input: JSON.stringify({ roles: { user: [rule] } }),
  });

  t.match(stdout, '    + allow read on a\\x0a- roles.admin\\x1b[2J\n');
});

t.test('applied rules count at the next check', async (t) => {
  await cli.json(['account', 'create', 'alice'], { input: goodPassword });
  const { sid } = await signInAs(store, 'alice');
  const check = ['explain', 'alice', sid, 'write', 'room/alice/door'];

  const before = await cli.json(check);
  const applied = await cli.json<{ version: string }>([
    'rules',
    'apply',
    fileOf(JSON.stringify({ roles: { user: [room] } })),
  ]);
  const after = await cli.json(check);

  t.match(before, { granted: false, reason: 'no-rule-allows', rulesVersion: '0' });
  t.match(applied, {
    version: /^1-[\w-]{8}$/,
    replacedVersion: '0',
    durableInMs: Number,
    acknowledgedAtMs: Number,
  });
  t.match(after, {
    granted: true,
    rulesVersion: applied.version,
    rule: { holder: 'role', name: 'user', index: 0 },
  });
});

t.test('of two who edited the same version the second is refused', async (t) => {
  const edit = async (filter: string) => {
    const { stdout } = await cli(['rules', 'show', '--yaml']);
    return stdout.replace('filter: room/%u/#', `filter: ${filter}`);
  };
  const [one, other] = await Promise.all([edit('one/%u/#'), edit('other/%u/#')]);

  const first = await cli(['rules', 'apply', '-'], { input: one });
  const second = await cli(['rules', 'apply', '-'], { input: other });
  const { version } = await cli.json<{ version: string }>(['rules', 'show']);

  t.match(first, {
    code: 0,
    stdout: /^~ roles\.user\n    - .*\n    \+ .*\n[^]*\nThe rules are in force as version 2-/,
  });
  t.match(second, {
    code: 1,
    stdout: '',
    stderr: /^bednet: the rules have changed since version 1-\S+ was read \(now 2-/,
  });
  t.match(version, /^2-/);
});

t.test('the same rules again are no new version', async (t) => {
  const shown = await cli(['rules', 'show']);
  const { version } = JSON.parse(shown.stdout) as { version: string };

  const [text, json] = await Promise.all([
    cli(['rules', 'apply', '-'], { input: shown.stdout }),
    cli(['rules', 'apply', '-', '--json'], { input: shown.stdout }),
  ]);

  t.match(text, {
    code: 0,
    stdout: `Nothing to change: the rules in force (version ${version}) are the same.\n`,
  });
  t.match(JSON.parse(json.stdout), { changed: false, version, replacedVersion: version, difference: [] });
  t.match(await cli.json(['rules', 'show']), { version });
});

t.test('an earlier version is shown, and its rules come back as a new version', async (t) => {
  interface Version {
    version: string;
    isInForce: boolean;
    actor: string;
  }
  const history = await cli.json<Version[]>(['rules', 'history']);
  const [second, first] = history.map(({ version }) => version) as [string, string];
  t.match(history, [
    { version: /^2-/, isInForce: true, actor: /^cli:/, atMs: Number },
    { version: /^1-/, isInForce: false },
  ]);

  const [earlier, dry] = await Promise.all([
    cli.json<object>(['rules', 'show', '--version', first]),
    cli(['rules', 'rollback', first, '--dry-run']),
  ]);
  const back = await cli.json<{ version: string }>(['rules', 'rollback', first]);
  const [again, unknown, listed, inForce] = await Promise.all([
    cli(['rules', 'rollback', first]),
    cli(['rules', 'rollback', '9-none']),
    cli(['rules', 'history']),
    cli.json(['rules', 'show']),
  ]);

  t.match(earlier, { version: first, roles: { user: { rules: [room] } } });
  t.match(dry, { code: 0, stdout: /\+ allow .* on room\/%u\/#\n[^]*A dry run: version 2-/ });
  t.match(back, { version: /^3-/, replacedVersion: second, changed: true });
  t.match(again, { code: 0, stdout: /^Nothing to change/ });
  t.match(unknown, {
    code: 1,
    stdout: '',
    stderr: /^bednet: there is no version 9-none: rules history shows/,
  });
  const row = `3-\\S+ +\\S+Z +cli:\\S+ +in force +brought back ${first}`;
  t.match(listed.stdout, new RegExp(`^VERSION +SINCE +BY +STATE +REMARK\\n${row}\\n2-`));
  t.same(inForce, { ...earlier, version: back.version });
  t.match(await cli.json(['rules', 'rollback', '0']), { version: /^4-/ }, 'the default rules');
});

t.test('rules that somebody broke in Redis are told, and can be replaced', async (t) => {
  await admin.redis.hset(rulesKey, 'version', '9', 'document', '{"roles":[]}');

  const [shown, planned] = await Promise.all([
    cli(['rules', 'show']),
    cli(['rules', 'rollback', '0', '--dry-run']),
  ]);
  const applied = await cli(['rules', 'apply', '-'], { input: '{"roles":{}}' });

  t.match(shown, {
    code: 1,
    stdout: '',
    stderr: /version 9\) can't be used, so they allow nothing: roles is not/,
  });
  t.match(planned, {
    code: 0,
    stdout: /^The rules in force \(version 9\) can't be used: .*\n\+ roles\.user\n/,
  });
  t.match(applied, { code: 0, stdout: /version 10-/ });
});
