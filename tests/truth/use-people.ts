import type { Test } from 'tap';
import type { Cli } from '../cli/run-cli.ts';
import type { TestStack } from '../support/stack.ts';

/** Uses groups by command line, and profiles, groups and API keys by the tower-control dialect. */
export async function usePeople(
  t: Test,
  stack: TestStack,
  { cli, email, password }: { cli: Cli; email: string; password: string },
): Promise<void> {
  const run = async (...args: string[]) =>
    t.match(await cli(['group', ...args]), { code: 0 }, args.join(' '));
  let token = '';
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${stack.urls.session}/users/1.0/${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as { login: string; jwtToken: string; status_code?: number };
  };

  await run('create', 'all');
  const { login, jwtToken } = await call('POST', 'session/signin', { email, password });
  token = jwtToken;
  t.match(await call('PUT', 'profile/basic', { login, language: 'en', firstName: 'A' }), {
    status_code: 200,
  });
  t.match(await call('PUT', 'profile/customfield', { login, customFields: [{ name: 'a', value: 'b' }] }), {
    status_code: 200,
  });
  t.match(await call('POST', 'profile/', { login, considerGroups: true }), { login });
  await call('GET', 'groups');
  await run('list');
  await run('delete', 'all');
}
