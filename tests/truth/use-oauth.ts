import type { Test } from 'tap';
import type { Cli } from '../cli/run-cli.ts';
import { basicOf } from '../support/oauth-client.ts';
import type { TestStack } from '../support/stack.ts';

/** Every use of Redis that clients of the OAuth endpoints and the rotation of keys have. */
export async function useOauth(
  t: Test,
  stack: TestStack,
  cli: Cli,
  { access_token: access, refresh_token: renewal }: { access_token: string; refresh_token: string },
): Promise<void> {
  const run = async (...args: string[]) => t.match(await cli(args), { code: 0 }, args.join(' '));
  const { secret } = await cli.json<{ secret: string }>(['oauth-client', 'create', 'shop']);
  const authorization = basicOf('shop', secret);
  const post = async (path: string, token: string) => {
    const body = new URLSearchParams({ token });
    const response = await fetch(stack.urls.session + path, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    t.equal(response.status, 200, path);
    return response.text();
  };

  t.match(await post('/oauth/introspect', access), '"active":true');
  t.match(await post('/oauth/introspect', renewal), '"active":true');
  await post('/oauth/revoke', renewal);
  t.match(await post('/oauth/introspect', access), '"active":false');
  await run('oauth-client', 'list');
  await run('oauth-client', 'rotate-secret', 'shop');
  await run('oauth-client', 'delete', 'shop', '--yes');
  await run('keys', 'rotate');
  await run('keys', 'list');
}
