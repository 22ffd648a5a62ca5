import type { Test } from 'tap';
import type { TestStack } from '../support/stack.ts';

/** Uses the admin API with all that it asks of Redis. `token` is that of the only admin, `uid` that admin's account. */
export async function useAdmin(
  t: Test,
  stack: TestStack,
  { uid, token }: { uid: string; token: string },
): Promise<void> {
  const call = async (method: string, path: string, expected = 200, body?: object) => {
    const response = await fetch(`${stack.urls.session}/api/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    t.equal(response.status, expected, `${method} ${path}: ${text.slice(0, 300)}`);
    return text;
  };
  const data = async (path: string) => JSON.parse(await call('GET', path)).data;

  await useAccounts(call, uid, (await data('/accounts?search=cleo')).accounts[0].id);
  await call('POST', '/devices', 201, { id: 'adminlamp', owner: uid });
  for (const act of ['rotate-key', 'disable', 'enable']) await call('POST', `/devices/adminlamp/${act}`);
  await call('GET', '/devices');
  const check = { username: 'd:adminlamp', client_id: 'adminlamp', topic: 'a', access: 'read' };
  await call('POST', '/explain', 200, check);
  await call('DELETE', '/devices/adminlamp');
  const { document } = await data('/rules');
  await call('PUT', '/rules', 200, document);
  const { version } = await data('/rules');
  await call('POST', '/rules/rollback', 200, { to: '0', version });
  for (const path of ['/rules/history', '/audit', '/audit/export', '/clients', '/clients?cursor=d']) {
    await call('GET', path);
  }
  await call('POST', '/invitations', 201, {});
  await call('POST', '/sessions/end-all');
}

/** What is done to another account, `other`; then that the last admin can't go. */
async function useAccounts(
  call: (method: string, path: string, expected?: number, body?: object) => Promise<string>,
  uid: string,
  other: string,
): Promise<void> {
  for (const act of ['', '/sessions']) await call('GET', `/accounts/${other}${act}`);
  for (const act of ['disable', 'enable', 'unlock', 'force-password-change', 'end-sessions']) {
    await call('POST', `/accounts/${other}/${act}`);
  }
  await call('PUT', `/accounts/${other}/roles`, 200, { roles: ['admin'] });
  await call('PUT', `/accounts/${other}/roles`, 200, { roles: ['user'] });
  await call('POST', `/accounts/${uid}/disable`, 409);
  await call('DELETE', `/accounts/${other}`);
  await call('POST', `/accounts/${other}/restore`);
  await call('DELETE', `/accounts/${other}`);
  await call('POST', `/accounts/${other}/purge`);
}
