import type { Test } from 'tap';
import { clientsKey } from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { openClient, type RawClient } from '../support/mqtt-outcomes.ts';
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

/** Connects while Redis takes no writes, until the note has failed and is sent again. */
async function noteLate(
  t: Test,
  stack: TestStack,
  { sid, username, token }: { sid: string; username: string; token: string },
): Promise<void> {
  const { redis } = await openTestStore(t, stack.redisAdminUrl);
  const client = await connectWithoutWrites();
  // While a note waits to be sent again, each CONNECT waits for its own, and fails with it.
  await until(async () => {
    const next = await knock('next');
    await next?.drop();
    return next === undefined;
  });
  await redis.client('UNPAUSE');
  await until(async () => (await redis.hkeys(clientsKey(sid))).some((field) => field.includes(' late.')), {
    what: 'the note that is sent again',
  });
  await client.leave();

  /** Undefined unless it is let in. */
  async function knock(name: string): Promise<RawClient | undefined> {
    const port = stack.ports.mqtt;
    const client = openClient({ port, clientId: `${sid}-${name}`, username, password: token });
    const answer = await client.next();
    if (answer === 'connack 0') return client;
    if (answer !== 'closed') await client.drop();
    return undefined;
  }

  /** Again, if another write of the service was there first and holds the check up. */
  async function connectWithoutWrites(): Promise<RawClient> {
    for (;;) {
      await redis.client('PAUSE', 60_000, 'WRITE');
      const client = await knock('late');
      if (client) return client;
      await redis.client('UNPAUSE');
    }
  }
}
