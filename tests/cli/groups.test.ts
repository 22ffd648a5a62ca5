import t from 'tap';
import { startTestStack } from '../support/stack.ts';
import { cliFor } from './run-cli.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);

t.test('groups are created below one another, listed by name, and deleted from below', async (t) => {
  t.match(await cli(['group', 'list']), { code: 0, stdout: 'There is no group.\n' });

  t.match(await cli(['group', 'create', 'top', '--name', 'Z house', '--alert']), { code: 0 });
  t.match(await cli(['group', 'create', 'room', '--name', 'A room', '--parent', 'top']), { code: 0 });

  const groups = await cli.json<{ shortId: string }[]>(['group', 'list']);
  t.strictSame(groups, [
    { shortId: 'room', name: 'A room', description: '', isAlertGroup: false, parent: 'top' },
    { shortId: 'top', name: 'Z house', description: '', isAlertGroup: true, parent: '' },
  ]);
  t.match((await cli(['group', 'list'])).stdout, /room +A room +top/);
  t.match(await cli(['group', 'delete', 'top']), { code: 1, stderr: /there are groups below it/ });
  for (const id of ['room', 'top']) t.match(await cli(['group', 'delete', id]), { code: 0 });
});

t.test('what can be no group is refused', async (t) => {
  await cli(['group', 'create', 'one']);
  const rows: [args: string[], code: number, stderr: RegExp][] = [
    [['create', 'one'], 1, /there is such a group already/],
    [['create', 'two', '--parent', 'nowhere'], 1, /there is no such group above it/],
    [['create', 'two', '--parent', 'two'], 1, /there is no such group above it/],
    [['delete', 'two'], 1, /there is no such group/],
    [['create', 'a,b'], 2, /1 to 32 characters/],
    [['create', ''], 2, /./],
    [['create', 'x', '--name', 'a\u001bb'], 2, /printable/],
  ];
  for (const [args, code, stderr] of rows) {
    t.match(await cli(['group', ...args]), { code, stderr }, args.join(' '));
  }
});
