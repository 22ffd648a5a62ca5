import { connect, createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { confirmEnded } from '../../services/core/leases/confirm-ended.ts';
import { newUid, partitionOf } from '../../services/core/ids.ts';
import { eventsKey } from '../../services/core/redis/keys.ts';
import { learnServerOf, serverOf } from '../../services/core/redis/server-identity.ts';
import { openStore, untilReady, type Store } from '../../services/core/redis/store.ts';
import { openRedisGate } from '../support/redis-gate.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const silentPort = await openSilentLink(t, stack.ports.redis);
const uid = newUid();
const key = eventsKey(partitionOf(uid));

t.test('two connections to one start of one server name the same one', async (t) => {
  const [one, other] = [await open(t), await open(t)];
  await until(() => serverOf(one.redis, key) !== undefined && serverOf(other.redis, key) !== undefined);

  const first = serverOf(one.redis, key);
  t.match(first, /^[0-9a-f]{40}$/);
  t.equal(await learnServerOf(other.redis, key), first);
  await t.resolves(confirmEnded(one, { uid }));

  await stack.part('redis').kill();
  await stack.part('redis').start();
  const isAnother = () => ![undefined, first].includes(serverOf(one.redis, key));
  await until(isAnother, { what: 'its next start is another one' });
});

t.test('servers that do not tell which one they are never look the same', async (t) => {
  const store = await open(t, silentPort);

  await t.rejects(learnServerOf(store.redis, key), /tells no run_id/);
  t.equal(serverOf(store.redis, key), undefined);
  t.equal(store.serverOf(key), undefined);
  t.equal(await store.redis.ping(), 'PONG', 'it answers all else');
});

t.test('no revocation is acknowledged by a server that does not tell which one it is', async (t) => {
  for (const replicasRequired of [0, 1]) {
    const store = await open(t, silentPort, replicasRequired);
    await t.rejects(learnServerOf(store.redis, key));
    await t.rejects(confirmEnded(store, { uid }), { code: 'SYS_NOT_DURABLE', status: 503 });
  }
  const strict = await open(t, silentPort, 1);
  await t.rejects(strict.confirmDurable(key), { cause: { message: /tells no run_id/ } });
  const twin = await open(t, stack.ports.redis, 1);
  await t.rejects(twin.confirmDurable(key), { cause: { message: '0 of 1 replicas have it' } });
});

t.test('nobody waits for ever for a server that stands still once it is connected', async (t) => {
  const gate = await openRedisGate(t, stack.ports.redis);
  gate.hold('server'); // INFO server, but not the INFO by which the client sees that all is ready.
  const url = stack.redisUrl('session').replace(`:${stack.ports.redis}`, `:${gate.port}`);
  const store = openStore({ url, commandTimeoutMs: 200, replicasRequired: 1 });
  t.teardown(() => store.close());
  await untilReady(store, 5000);

  await t.rejects(learnServerOf(store.redis, key), { message: 'Command timed out' });
  await t.rejects(store.confirmDurable(key), { code: 'SYS_NOT_DURABLE' });
  t.equal(store.serverOf(key), undefined);

  gate.open();
  await until(() => store.serverOf(key) !== undefined, { what: 'it was asked again' });
});

async function open(t: Test, port = stack.ports.redis, replicasRequired = 0): Promise<Store> {
  const url = stack.redisUrl('session').replace(`:${stack.ports.redis}`, `:${port}`);
  const store = openStore({ url, commandTimeoutMs: 2000, replicasRequired });
  t.teardown(() => store.close());
  await untilReady(store, 5000);
  return store;
}

/** A link on which INFO has no run_id, as with some hosted servers. */
async function openSilentLink(t: Test, redisPort: number): Promise<number> {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: redisPort, host: '127.0.0.1', noDelay: true });
    near.pipe(far);
    far.on('data', (bytes) => near.write(bytes.toString('latin1').replace('run_id:', 'hidden:'), 'latin1'));
    for (const socket of [near, far]) {
      socket.on('error', () => undefined); // It closes, and the other one with it.
      socket.on('close', () => [near, far].forEach((each) => each.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}
