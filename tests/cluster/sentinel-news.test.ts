import type { Redis } from 'ioredis';
import t from 'tap';
import { openTestStore } from '../cli/sign-in.ts';
import { askRedis } from '../support/ask-redis.ts';
import { openRedisLink } from '../support/redis-link.ts';
import { redisPasswords } from '../support/redis-node.ts';
import { untilKnown } from '../support/sentinel-questions.ts';
import { startSentinelsFor } from '../support/sentinel-stage.ts';
import { until } from '../support/until.ts';

t.test('a service hears of a new primary from Sentinels that were started anew', async (t) => {
  const servers = await startSentinelsFor(t);
  const { redis } = await openTestStore(t, servers.url('test'));
  for (const sentinel of servers.sentinels) {
    await sentinel.stop();
    await sentinel.start();
    await until(() => isListenedTo(sentinel.port), { what: 'a Sentinel that is listened to' });
  }
  await untilKnown(servers.sentinels, 1, 'redis');
  const old = await servers.primary();

  old.pause(); // Its connections stay open: nothing else tells that it is gone.
  const promoted = await servers.untilPromoted(old);

  await until(() => isLedTo(redis, promoted.port), { what: 'the new primary' });
  old.resume();
});

t.test(
  'who was cut off from all Sentinels during a fail-over leaves the old primary afterwards',
  async (t) => {
    const servers = await startSentinelsFor(t, { settings: ['min-replicas-to-write 0'] });
    const links = await Promise.all(servers.sentinels.map(({ port }) => openRedisLink(t, port)));
    const ports = new Map(servers.sentinels.map(({ port }, index) => [String(port), links[index]?.port]));
    const url = servers.url('test').replaceAll(/[0-9]{5}/g, (port) => String(ports.get(port)));
    const { redis } = await openTestStore(t, url);
    const old = await servers.primary();
    t.ok(isLedTo(redis, old.port));

    for (const link of links) link.hold();
    await askRedis(servers.directUrl(old), async (redis) => {
      for (const user of ['sentinel', 'replica']) {
        await redis.acl('SETUSER', user, 'off');
        await redis.client('KILL', 'USER', user);
      }
    });
    await servers.untilPromoted(old);
    t.ok(isLedTo(redis, old.port), 'it has heard nothing');
    for (const link of links) {
      link.cut();
      link.release();
    }

    await until(() => !isLedTo(redis, old.port), { what: 'the old primary is left' });
  },
);

/** Whether some client has subscribed to what a Sentinel tells. */
async function isListenedTo(port: number): Promise<boolean> {
  const url = `redis://:${redisPasswords.sentinel}@127.0.0.1:${port}`;
  const clients = await askRedis(url, (redis) => redis.client('LIST')).catch(() => '');
  return String(clients).includes(' sub=1 ');
}

function isLedTo({ status, stream }: Redis, port: number): boolean {
  return status === 'ready' && stream.remotePort === port;
}
