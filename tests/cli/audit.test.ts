import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { makeTestFolder, startTestStack } from '../support/stack.ts';
import { cliFor, cliMain, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));
const actor = `cli:${userInfo().username}`;

interface Entry {
  event: string;
  actor: string;
  uid?: string;
  sid?: string;
  device?: string;
  reason?: string;
}

const done = async (...args: string[]) => {
  const result = await cli(args, { input: goodPassword });
  t.equal(result.code, 0, `${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
};
const tail = async (...args: string[]) =>
  (await done('audit', 'tail', ...args))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);

t.test('every change by the command line is in the audit, with its user as the actor', async (t) => {
  await done('account', 'create', 'ana', '--role', 'admin');
  await done('account', 'create', 'ben');
  const { sid, uid } = await signInAs(store, 'ben');
  await done('session', 'revoke', sid, '--yes', '--reason', 'lost');
  await done('session', 'revoke', '--all', 'ben', '--yes');
  for (const act of ['disable', 'enable', 'unlock', 'force-password-change', 'start-reset']) {
    await done('account', act, 'ben');
  }
  await done('account', 'set-roles', 'ben', 'admin');
  for (const act of ['delete', 'restore', 'delete', 'purge'])
    await done('account', act, 'ben', '--reason', act);
  await done('device', 'create', 'lamp');
  for (const act of ['rotate-key', 'disable', 'enable', 'delete']) await done('device', act, 'lamp');
  const file = join(makeTestFolder(t), 'rules.yaml');
  writeFileSync(file, 'roles: { user: [], admin: { permissions: ["*"] } }');
  await done('rules', 'apply', file, '--yes');
  await done('rules', 'rollback', '0', '--yes');
  const invitation = JSON.parse(await done('invitation', 'create', '--json')) as { id: string };
  await done('invitation', 'revoke', invitation.id);
  await done('session', 'end-all', '--yes');

  const entries = await tail('-n', '100');

  t.same(
    entries.map(({ event }) => event),
    [
      ...['account-created', 'account-created', 'session-ended', 'all-sessions-ended'],
      ...['account-disabled', 'account-enabled', 'account-unlocked', 'password-change-required'],
      ...['password-reset-asked', 'roles-changed'],
      ...['account-deleted', 'account-restored', 'account-deleted', 'account-purged'],
      ...['device-created', 'device-key-rotated', 'device-disabled', 'device-enabled', 'device-deleted'],
      ...['rules-changed', 'rules-rolled-back', 'invitation-created', 'invitation-revoked'],
      'everybodys-sessions-ended',
    ],
  );
  t.ok(entries.every((entry) => entry.actor === actor));
  t.match(entries[2], { uid, sid, reason: 'lost' });
  t.match(entries[9], { uid, reason: 'user → admin' });
  t.match(entries[14], { device: 'lamp' });
});

t.test('a change that changes nothing is no entry', async (t) => {
  const before = await tail('-n', '100');

  await done('account', 'enable', 'ana');
  await done('account', 'set-roles', 'ana', 'admin');
  await done('account', 'restore', 'ana');
  t.equal((await cli(['account', 'disable', 'ana', '--yes'])).code, 1, 'the last admin');

  t.equal((await tail('-n', '100')).length, before.length);
});

t.test('the tail is one account, one event or the newest entries, oldest of them first', async (t) => {
  const events = (entries: Entry[]) => entries.map(({ event }) => event);
  const [{ uid = '' } = {}] = await tail('--event', 'account-purged');

  t.same(events(await tail('-n', '2')), ['invitation-revoked', 'everybodys-sessions-ended']);
  t.same(events(await tail('--account', 'ana')), ['account-created']);
  t.equal((await tail('--account', uid, '-n', '5')).length, 5, 'also of an account that is gone');
  t.equal((await tail('--event', 'device-created')).length, 1);
  t.match(await cli(['audit', 'tail', '-n', '0']), { code: 2, stderr: /from 1 to 10000/ });
  t.match(await cli(['audit', 'tail', '--account', 'nobody']), { code: 1, stderr: /no account nobody/ });
});

t.test('an export has every entry, and is one itself', async (t) => {
  const lines = (await done('audit', 'export')).split('\n').filter(Boolean);

  t.ok(lines.length >= 24);
  t.match(await tail('-n', '1'), [{ event: 'audit-exported', actor }]);
  t.same(
    (await done('audit', 'export', '--since', '2999-01-01')).split('\n').filter(Boolean),
    [],
    'nothing since then',
  );
  t.match(await cli(['audit', 'export', '--since', 'soon']), { code: 2, stderr: /no time/ });
});

t.test('a tail that follows tells what comes, until its reader has had enough', async (t) => {
  const environment = { PATH: process.env['PATH'] ?? '', RUN_DIR: stack.runDir.path };
  const child = spawn(process.execPath, [cliMain, 'audit', 'tail', '-n', '1', '--follow'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill());
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  t.ok((await lines.next()).value, 'what was there');

  await done('device', 'create', 'follower');

  t.match(JSON.parse(String((await lines.next()).value)), { event: 'device-created', device: 'follower' });
  child.stdout.destroy();
  await done('device', 'delete', 'follower', '--yes');
  const [code] = (await exited) as [number];
  t.equal(code, 0);
});
