import type { Test } from 'tap';
import { openClient } from '../support/mqtt-outcomes.ts';
import type { TestStack } from '../support/stack.ts';

/** Lists the connected clients, one of which is the admin's own whose access token `token` is. */
export async function useClients(
  t: Test,
  stack: TestStack,
  { sid, username, token }: { sid: string; username: string; token: string },
): Promise<void> {
  const client = openClient({ port: stack.ports.mqtt, clientId: sid, username, password: token });
  t.equal(await client.next(), 'connack 0');
  const response = await fetch(`${stack.urls.session}/api/admin/clients`, {
    headers: { authorization: `Bearer ${token}` },
  });
  t.match(await response.text(), /"connected":true/);
  await client.leave();
}
