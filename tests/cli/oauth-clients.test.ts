import t from 'tap';
import { findClient } from '../../services/core/oauth/clients.ts';
import { isSecretOf } from '../../services/core/oauth/client-secret.ts';
import { startTestStack } from '../support/stack.ts';
import { cliFor } from './run-cli.ts';
import { openTestStore } from './sign-in.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const cli = cliFor(stack.runDir.path);
const store = await openTestStore(t, stack.redisAdminUrl);
const works = async (id: string, secret: string) => {
  const { client, nowMs } = await findClient(store, id);
  return isSecretOf(client, secret, nowMs);
};

t.test('a client is created with a secret that is shown once', async (t) => {
  t.match(await cli(['oauth-client', 'list']), { code: 0, stdout: 'There is no client.\n' });

  const created = await cli(['oauth-client', 'create', 'shop', '--label', 'The shop']);
  const [, secret = ''] = /shown only now: ([A-Za-z0-9_-]{43})\n/.exec(created.stdout) ?? [];
  const text = await cli(['oauth-client', 'list']);
  const json = await cli.json<object[]>(['oauth-client', 'list']);

  t.match(created.stdout, /^Created client shop, which may introspect and revoke\.\n/);
  t.ok(await works('shop', secret));
  t.match(text.stdout, /shop +The shop +introspect, revoke +20/);
  t.match(json, [{ id: 'shop', permissions: ['introspect', 'revoke'], actor: /^cli:/ }]);
  t.notMatch(JSON.stringify(json), /[sS]ecretHash/);
});

t.test('an id is taken once', async (t) => {
  t.match(await cli(['oauth-client', 'create', 'shop']), {
    code: 1,
    stderr: /there is a client shop already/,
  });
});

t.test('a client may be allowed less', async (t) => {
  const reader = await cli.json(['oauth-client', 'create', 'reader', '--allow', 'introspect']);

  t.match(reader, { permissions: ['introspect'] });
  t.match(await cli(['oauth-client', 'create', 'x', '--allow', 'all']), { code: 2 });
});

t.test('a rotated secret leaves the old one for as long as was said', async (t) => {
  const { secret: first } = await cli.json<{ secret: string }>(['oauth-client', 'create', 'api']);
  const { secret: second } = await cli.json<{ secret: string }>(['oauth-client', 'rotate-secret', 'api']);
  t.same([await works('api', first), await works('api', second)], [true, true]);

  const void_ = ['oauth-client', 'rotate-secret', 'api', '--overlap', '0', '--yes'];
  const { secret: third } = await cli.json<{ secret: string }>(void_);

  t.same([await works('api', first), await works('api', second)], [false, false]);
  t.ok(await works('api', third));
});

t.test('a deleted client is gone', async (t) => {
  t.match(await cli(['oauth-client', 'delete', 'reader', '--yes']), {
    code: 0,
    stdout: 'Deleted client reader.\n',
  });

  t.match(await cli(['oauth-client', 'delete', 'reader']), { code: 1, stderr: /there is no client reader/ });
  t.match(await cli(['oauth-client', 'rotate-secret', 'reader']), { code: 1 });
  t.match(await cli(['oauth-client', 'create', 'a:b']), { code: 2 });
});
