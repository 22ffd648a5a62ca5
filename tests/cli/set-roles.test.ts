import t from 'tap';
import { sessionKey } from '../../services/core/redis/keys.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor, goodPassword } from './run-cli.ts';
import { openTestStore, signInAs } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisAdminUrl);
const create = (username: string, ...options: string[]) =>
  cli(['account', 'create', username, ...options], { input: goodPassword });

await Promise.all([create('ana', '--role', 'admin'), create('ben')]);

t.test('an account gets other roles, and its live sessions with it', async (t) => {
  const { sid } = await signInAs(store, 'ben');

  const first = await cli(['account', 'set-roles', 'ben', 'admin', 'user']);
  const again = await cli(['account', 'set-roles', 'ben', 'admin', 'user']);

  t.match(first, {
    code: 0,
    stdout:
      /^Account ben has admin, user instead of user, so have its live sessions \(1\); durable in \S+ ms\.\n$/,
  });
  t.match(again, { code: 0, stdout: /^Account ben has admin, user, as before; durable/ });
  t.equal(await store.redis.hget(sessionKey(sid), 'roles'), 'admin,user');
  t.match(await cli.json(['account', 'set-roles', 'ben', 'user']), {
    ...{ username: 'ben', roles: ['user'], previousRoles: ['admin', 'user'], changed: true, sessions: 1 },
    durableInMs: Number,
  });
});

t.test('what would leave no admin, or names no role, is refused', async (t) => {
  const rows: [args: string[], code: number, stderr: RegExp][] = [
    [['ana', 'user'], 1, /^bednet: ana is the last active admin: give the role to another account first\n$/],
    [['ben', 'boss', 'user'], 1, /^bednet: the rules in force know no role boss\n$/],
    [['nobody', 'user'], 1, /^bednet: there is no account nobody\n$/],
    [['ben', 'a,b'], 2, /is invalid/],
    [['ben'], 2, /missing required argument/],
  ];

  const results = await Promise.all(rows.map(([args]) => cli(['account', 'set-roles', ...args])));

  for (const [index, [args, code, stderr]] of rows.entries()) {
    t.match(results[index], { code, stdout: '', stderr }, args.join(' '));
  }
  t.match(await create('eve', '--role', 'boss'), { code: 1, stderr: /know no role boss/ });
  t.match(await cli.json(['account', 'show', 'ana']), { roles: ['admin'] });
});
