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

const fileOf = (text: string) => {
  const file = join(folder, 'rules.json');
  writeFileSync(file, text);
  return file;
};

t.test('before anybody has written rules the default ones are in force', async (t) => {
  t.same(await cli.json(['rules', 'show']), defaultRulesDocument);
});

t.test('sound rules are told so without asking Redis', async (t) => {
  const file = fileOf(JSON.stringify({ roles: { user: [room] } }));
  const nowhere = { BEDNET_REDIS_URL: 'redis://cli:x@127.0.0.1:1' };

  t.match(await cli(['rules', 'check', file], { environment: nowhere }), {
    code: 0,
    stdout: 'The rules are sound.\n',
  });
  t.same(await cli.json(['rules', 'check', file]), { ok: true });
  t.match(await cli(['rules', 'check', '-'], { input: '{"roles":{}}' }), { code: 0 });
});

t.test('all faults of a file are named at once, and it is not applied', async (t) => {
  const file = fileOf(
    JSON.stringify({ rolls: {}, roles: { user: [{ ...room, effect: 'alow', filter: 'a/#/b' }] } }),
  );
  const faults = [
    'rolls is not one of version, roles, accounts, devices',
    'roles.user[0].effect is not one of allow, deny',
    'roles.user[0].filter is not a topic filter',
  ];

  for (const command of ['check', 'apply']) {
    const text = await cli(['rules', command, file]);
    const json = await cli(['rules', command, file, '--json']);
    t.match(text, { code: 1, stdout: `The rules have faults:\n  ${faults.join('\n  ')}\n` });
    t.equal(json.code, 1);
    t.same(JSON.parse(json.stdout), { ok: false, faults });
  }
  t.same(await cli.json(['rules', 'show']), defaultRulesDocument);
});

t.test('a file that is missing or no JSON is refused', async (t) => {
  const missing = await cli(['rules', 'check', join(folder, 'none.json')]);
  const broken = await cli(['rules', 'apply', fileOf('{"roles": \x1b[31m')]);

  t.match(missing, { code: 1, stdout: '', stderr: /^bednet: \S+none\.json can't be read \(ENOENT\)\n$/ });
  t.match(broken, { code: 1, stdout: '', stderr: /^bednet: \S+rules\.json is not JSON: [^\n\x1b]+\n$/ });
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
  const { stdout: seen } = await cli(['rules', 'show']);

  const first = await cli(['rules', 'apply', '-'], { input: seen });
  const second = await cli(['rules', 'apply', '-'], { input: seen });
  const { version } = await cli.json<{ version: string }>(['rules', 'show']);

  t.match(first, { code: 0, stdout: /^The rules are in force as version 2-/ });
  t.match(second, {
    code: 1,
    stdout: '',
    stderr: /^bednet: the rules have changed since version 1-\S+ was read \(now 2-/,
  });
  t.match(version, /^2-/);
});

t.test('rules that somebody broke in Redis are told, and can be replaced', async (t) => {
  await admin.redis.hset(rulesKey, 'version', '9', 'document', '{"roles":[]}');

  const shown = await cli(['rules', 'show']);
  const applied = await cli(['rules', 'apply', '-'], { input: '{"roles":{}}' });

  t.match(shown, {
    code: 1,
    stdout: '',
    stderr: /version 9\) can't be used, so they allow nothing: roles is not/,
  });
  t.match(applied, { code: 0, stdout: /version 10-/ });
});
