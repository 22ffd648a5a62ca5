import { connectAsync } from 'mqtt';
import t from 'tap';
import { readClientStates, type Connected } from '../../services/core/connections/client-states.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import { clientsKey } from '../../services/core/redis/keys.ts';
import { listClients } from '../../services/core/sessions/list-clients.ts';
import { startDeviceStage } from '../support/device-stage.ts';
import { keysOf } from '../support/every-primary.ts';
import { openClient, signIn } from '../support/mqtt-outcomes.ts';
import { until } from '../support/until.ts';
import type { SignedIn } from '../support/webhook-service.ts';

const stage = await startDeviceStage(t, { settings: { webhook: { EXPIRY_SWEEP_MS: '60000' } } });
const { store, stack } = stage;

// The broker's start has been reported: before that, nobody is sure.
await until(async () => (await keysOf(store, 'bn:{brokers}:report:*')).length > 0);

const connect = (
  { clientId, username, token }: SignedIn,
  more: { clean?: boolean; clientId?: string } = {},
) => signIn({ port: stack.ports.mqtt, clientId, username, password: token, ...more });
const stateOf = async ({ sid }: SignedIn, clientId = sid): Promise<Connected | undefined> => {
  const [list] = await readClientStates(store, [clientsKey(sid)]);
  return list?.clients.find((client) => client.clientId === clientId)?.connected;
};

const untilState = (session: SignedIn, expected: Connected, clientId = session.sid) =>
  until(async () => (await stateOf(session, clientId)) === expected, { what: `${expected}` });

t.test('a client that leaves, is cut or loses its network is not connected any more', async (t) => {
  const ana = await stage.signIn();
  for (const [name, end] of [
    ['leaves', 'leave'],
    ['is cut', 'drop'],
  ] as const) {
    for (const clean of [true, false]) {
      const client = await connect(ana, { clean });
      t.equal(await stateOf(ana), true, 'at its CONNACK');
      await client[end]();
      await untilState(ana, false);
      t.pass(`${name}, ${clean ? 'clean' : 'persistent'} session`);
    }
  }
});

t.test('a browser over WebSocket is told as all others', async (t) => {
  const ana = await stage.signIn();
  const { username, token: password, clientId } = ana;
  const client = await connectAsync(stack.urls.websocket, { username, password, clientId });
  t.equal(await stateOf(ana), true);

  await client.endAsync(true);
  await untilState(ana, false);
});

t.test('the tabs of one session are told apart', async (t) => {
  const ana = await stage.signIn();
  const first = await connect(ana);
  const tab = await connect(ana, { clientId: `${ana.sid}-tab` });

  await first.leave();
  await untilState(ana, false);
  t.equal(await stateOf(ana, `${ana.sid}-tab`), true);
  await tab.leave();
});

t.test('a client that reconnects over its old connection stays connected', async (t) => {
  const ana = await stage.signIn();
  const bystander = await stage.signIn();
  const first = await connect(ana);
  const second = await connect(ana);
  while ((await first.next()) !== 'closed');
  const later = await connect(bystander);
  await later.leave();
  await untilState(bystander, false);

  t.equal(await stateOf(ana), true, 'when later reports were taken');
  await second.leave();
  await untilState(ana, false);
});

t.test('a session that is revoked and its clients are gone from the list', async (t) => {
  const ana = await stage.signIn();
  const client = await connect(ana);
  const isListed = async () =>
    (await listClients(store, '', 1000)).clients.some(({ clientId }) => clientId === ana.sid);
  t.ok(await isListed());

  await stage.revoke(ana);
  while ((await client.next()) !== 'closed');

  t.notOk(await isListed());
  await until(async () => (await store.redis.exists(clientsKey(ana.sid))) === 0);
});

t.test('a device that was kicked is not connected, and when it was seen is still known', async (t) => {
  const lamp = await stage.add();
  const client = await stage.connectDevice(lamp);
  const before = await findDevice(store, lamp.id);
  t.match(before, { clients: [{ clientId: lamp.id, connected: true }] });

  await stage.disableDevice(lamp);
  while ((await client.next()) !== 'closed');
  await until(async () => (await findDevice(store, lamp.id))?.clients.length === 0);

  t.equal((await findDevice(store, lamp.id))?.lastSeenMs, before?.lastSeenMs);
});

t.test('a broker that is killed and starts again has no connection of before', async (t) => {
  const [ana, ben] = [await stage.signIn(), await stage.signIn()];
  const clients = [await connect(ana), await connect(ben)];
  t.equal(await stateOf(ana), true);

  await stack.part('mosquitto').kill();
  await Promise.all(clients.map((client) => client.drop()));
  await stack.part('mosquitto').start();
  await untilState(ana, false);
  await untilState(ben, false);

  const back = await connect(ana);
  await untilState(ana, true);
  await back.leave();
});

t.test('what ended while the webhook service was away is told when it is back', async (t) => {
  const [ana, ben] = [await stage.signIn(), await stage.signIn()];
  const gone = await connect(ana);
  const stays = await connect(ben);
  for (const session of [ana, ben]) await untilState(session, true); // A note under way dies with the service.
  await stack.part('webhook').kill();
  await gone.leave();
  const knock = openClient({
    ...{ port: stack.ports.mqtt, clientId: ana.sid },
    ...{ username: ana.username, password: ana.token },
  });
  t.equal(await knock.next(), 'closed', 'nobody is let in meanwhile');
  t.equal(await stateOf(ana), true, 'nobody knows yet');

  await stack.part('webhook').start();
  await untilState(ana, false);
  t.equal(await stateOf(ben), true);
  await stays.leave();
});
