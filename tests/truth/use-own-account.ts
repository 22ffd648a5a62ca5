import type { Test } from 'tap';
import type { TestStack } from '../support/stack.ts';

/** Every use of Redis that the owner of an account and of the device `lamp` has. */
export async function useOwnAccount(t: Test, stack: TestStack, token: string): Promise<void> {
  const call = async (method: string, path: string, body: object = {}) => {
    const response = await fetch(`${stack.urls.session}/api/auth${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    });
    t.equal(response.status, 200, `${method} ${path}: ${await response.text()}`);
  };
  await call('PUT', '/me', { language: 'fr' });
  await call('GET', '/devices');
  for (const act of ['rotate-key', 'disable', 'enable']) await call('POST', `/devices/lamp/${act}`);
}
