import t from 'tap';
import { startSessionStage, somebody } from '../support/session-service.ts';
import { cliFor } from './run-cli.ts';

const stage = await startSessionStage(t, { REGISTRATION: 'invitation' });
const { ask, stack } = stage;
const cli = cliFor(stack.runDir.path);

interface Invitation {
  id: string;
  token: string;
  untilMs: number;
}

const invite = (...options: string[]) => cli.json<Invitation>(['invitation', 'create', ...options]);
const register = (invitation: string, email = somebody().email) =>
  ask('POST', '/api/auth/register', { body: { ...somebody(), email, invitation } });

t.test('an invitation makes one account, with its roles', async (t) => {
  const { token, id, untilMs } = await invite('--role', 'user', '--role', 'admin', '--valid-for', '2h');

  t.ok(Math.abs(untilMs - Date.now() - 7_200_000) < 60_000);
  t.match(await cli(['invitation', 'list']), { code: 0, stdout: new RegExp(id) });
  t.equal((await register(token)).status, 201);
  t.equal((await register(token)).code, 'AUTH_INVITATION_INVALID');
  t.match(await cli.json(['account', 'list']), [{ roles: ['user', 'admin'] }]);
  t.same(await cli.json(['invitation', 'list']), []);
});

t.test('an invitation for an address is good for that address alone', async (t) => {
  const { email } = somebody();
  const { token } = await invite('--email', email);

  t.equal((await register(token)).code, 'AUTH_INVITATION_INVALID');
  t.equal((await register(token, email)).status, 201);
});

t.test('an invitation that is taken back makes none', async (t) => {
  const { token, id } = await invite();

  t.match(await cli(['invitation', 'revoke', id]), { code: 0 });

  t.equal((await register(token)).code, 'AUTH_INVITATION_INVALID');
  t.match(await cli(['invitation', 'revoke', id]), { code: 1, stderr: /there is no invitation/ });
});

t.test('bad options and unknown roles make no invitation', async (t) => {
  const rows: [args: string[], code: number, stderr: RegExp][] = [
    [['--role', 'boss'], 1, /know no role boss/],
    [['--valid-for', '59s'], 2, /from 60s to 30d/],
    [['--valid-for', '31d'], 2, /from 60s to 30d/],
    [['--valid-for', 'soon'], 2, /from 60s to 30d/],
    [['--email', 'x'], 2, /not an e-mail address/],
  ];

  for (const [args, code, stderr] of rows) {
    t.match(await cli(['invitation', 'create', ...args]), { code, stdout: '', stderr }, args.join(' '));
  }
  t.match(await cli(['invitation', 'revoke', '../x']), { code: 1 });
  t.same(await cli.json(['invitation', 'list']), []);
});
