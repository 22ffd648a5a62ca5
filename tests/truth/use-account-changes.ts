import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { goodPassword, type Cli } from '../cli/run-cli.ts';
import { partsOf } from '../mail/eml.ts';
import { somebody, startService } from '../support/session-service.ts';
import { makeTestFolder, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Every use of Redis that another address, deletion, and the command line's help for accounts have. */
export async function useAccountChanges(t: Test, stack: TestStack, cli: Cli): Promise<void> {
  await useOwnChanges(t, stack);
  const run = async (...args: string[]) =>
    t.match(await cli(args, { input: goodPassword }), { code: 0 }, args.join(' '));
  await run('account', 'create', 'kim', '--email', 'kim@example.org');
  for (const act of ['unlock', 'force-password-change', 'remove-second-factor', 'start-reset']) {
    await run('account', act, 'kim');
  }
  for (const act of ['delete', 'restore', 'delete', 'purge'])
    await run('account', act, 'kim', '--reason', act);
  const { id } = await cli.json<{ id: string }>(['invitation', 'create']);
  await Promise.all([run('invitation', 'list'), run('client', 'list'), run('audit', 'tail')]);
  await run('invitation', 'revoke', id);
  await Promise.all([run('session', 'end-all', '--yes'), run('audit', 'export')]);
}

async function useOwnChanges(t: Test, stack: TestStack): Promise<void> {
  const folder = makeTestFolder(t);
  const { ask, signInSomebody } = await startService(t, stack, { MAIL_FOLDER: folder });
  const { access_token: token } = await signInSomebody();
  const { email } = somebody();
  await ask('POST', '/api/auth/change-email', { token, body: { email } });
  const body = { token: await tokenIn(folder) };
  t.equal((await ask('POST', '/api/auth/verify-email', { body })).status, 200, 'another address');
  t.equal((await ask('DELETE', '/api/auth/me', { token })).status, 200, 'deleted');
}

/** The token in the one mail of a folder that has one. */
async function tokenIn(folder: string): Promise<string> {
  const find = () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.eml'))) {
      const text = partsOf(readFileSync(join(folder, file), 'utf8'))[0]?.text ?? '';
      const [, token] = /#token=([^\s"<]+)/.exec(text) ?? [];
      if (token !== undefined) return token;
    }
    return undefined;
  };
  await until(() => find() !== undefined, { what: 'a mail with a link' });
  return find() ?? '';
}
