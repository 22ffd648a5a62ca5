import t from 'tap';
import { findAccount } from '../../services/core/accounts/account.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisUrl('session'));
const create = (username: string) =>
  cli.json<{ uid: string }>(['account', 'create', username, '--email', `${username}@example.org`], {
    input: goodPassword,
  });

t.test('a deleted account can be restored until its end, and keeps its name so long', async (t) => {
  const { uid } = await create('dave');
  await signInAs(store, 'dave');

  const deleted = await cli(['account', 'delete', 'dave@example.org'], {
    environment: { ACCOUNT_PURGATORY_SECONDS: '3600' },
  });
  const shown = await cli.json<{ state: string; purgeAtMs: number }>(['account', 'show', 'dave']);
  const taken = await cli(['account', 'create', 'Dave'], { input: goodPassword });
  const listed = await cli.json<{ uid: string }[]>(['account', 'list', '--state', 'deleted']);
  const restored = await cli(['account', 'restore', 'dave']);
  const again = await cli.json(['account', 'restore', 'dave']);

  t.match(deleted, {
    code: 0,
    stdout:
      /^Deleted account dave, 1 of its sessions ended; durable in [\d.]+ ms\. It can be restored until [\d-]+T[\d:]+Z\.\n$/,
  });
  t.equal(shown.state, 'deleted');
  t.ok(Math.abs(shown.purgeAtMs - Date.now() - 3_600_000) < 120_000);
  t.match(taken, { code: 1, stderr: /username Dave is taken/ });
  t.same(
    listed.map((account) => account.uid),
    [uid],
  );
  t.match(restored, { code: 0, stdout: /^Restored account dave, active now; durable/ });
  t.match(again, { changed: false, state: 'active' });
  t.match(await cli.json(['account', 'show', 'dave']), { state: 'active', liveSessions: 0 });
});

t.test('purging needs a deletion before, and frees the names', async (t) => {
  const { uid } = await create('erin');

  t.match(await cli(['account', 'purge', 'erin']), {
    code: 1,
    stderr: 'bednet: account erin is not deleted: use account delete first\n',
  });
  await cli.json(['account', 'delete', 'erin']);
  t.match(await cli(['account', 'purge', 'erin']), {
    code: 0,
    stdout: /^Purged account erin; its names are free/,
  });
  t.equal(await findAccount(store, uid), undefined);
  t.match(await create('erin'), { uid: /./ });
});

t.test('what changes an account refuses a deleted one and says what to do', async (t) => {
  await create('fred');
  await cli.json(['account', 'delete', 'fred']);
  const commands = [
    ['enable', 'fred'],
    ['disable', 'fred'],
    ['unlock', 'fred'],
    ['start-reset', 'fred'],
    ['force-password-change', 'fred'],
    ['remove-second-factor', 'fred'],
    ['set-roles', 'fred', 'user'],
  ];

  for (const args of commands) {
    t.match(
      await cli(['account', ...args]),
      { code: 1, stderr: 'bednet: account fred is deleted: use account restore first\n' },
      args.join(' '),
    );
  }
});
