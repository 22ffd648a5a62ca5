import type { Test } from 'tap';
import { clientsKey } from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { openClient } from '../support/mqtt-outcomes.ts';
import type { TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

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
  await noteLate(t, stack, { sid, username, token });
}

/** Connects while Redis takes no writes, so that the note fails and is sent again. */
async function noteLate(
  t: Test,
  stack: TestStack,
  { sid, username, token }: { sid: string; username: string; token: string },
): Promise<void> {
  const { redis } = await openTestStore(t, stack.redisAdminUrl);
  await redis.client('PAUSE', 1000, 'WRITE');
  const client = openClient({
    ...{ port: stack.ports.mqtt, clientId: `${sid}-late`, username, password: token },
  });
  t.equal(await client.next(), 'connack 0');
  await until(async () => (await redis.hkeys(clientsKey(sid))).some((field) => field.includes(' late.')), {
    what: 'the note that is sent again',
  });
  await client.leave();
}
