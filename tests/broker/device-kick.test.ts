import t from 'tap';
import { enableDevice } from '../../services/core/devices/change-device.ts';
import { deviceClientsKey, ticketKey } from '../../services/core/redis/keys.ts';
import { issueTicket } from '../../services/webhook/kick/tickets.ts';
import { startDeviceStage } from '../support/device-stage.ts';
import type { KeyedDevice } from '../support/devices.ts';
import { openClient, publish, subscribe, type RawClient } from '../support/mqtt-outcomes.ts';
import { until } from '../support/until.ts';

const stage = await startDeviceStage(t);
const { store } = stage;
const isForgotten = async ({ id }: KeyedDevice) =>
  (await store.redis.hkeys(deviceClientsKey(id))).join() === 'last seen';
const untilClosed = async (client: RawClient) => {
  while ((await client.next()) !== 'closed');
};

for (const [name, end] of [
  ['disabling a device', (device: KeyedDevice) => stage.disableDevice(device)],
  ['deleting a device', (device: KeyedDevice) => stage.deleteDevice(device)],
  ['a new key without overlap', (device: KeyedDevice) => stage.rotate(device, 0)],
] as const) {
  t.test(`${name} closes all its connections, and nobody else's`, async (t) => {
    const lamp = await stage.add();
    const clients = [
      await stage.connectDevice(lamp),
      await stage.connectDevice(lamp, { clientId: `${lamp.id}.second`, version: 4 }),
    ];
    const bystander = await stage.connectDevice(await stage.add());

    const startMs = performance.now();
    await end(lamp);
    await Promise.all(clients.map(untilClosed));
    t.comment(`both closed ${(performance.now() - startMs).toFixed(1)} ms after the call`);

    await until(() => isForgotten(lamp));
    t.equal(
      await store.redis.exists(ticketKey(lamp.id), ticketKey(`${lamp.id}.second`)),
      0,
      'no ticket is left',
    );
    t.same(await bystander.settle(), []);
    await bystander.leave();
  });
}

t.test('a new key with an overlap closes nothing', async (t) => {
  const [lamp, marker] = [await stage.add(), await stage.add()];
  const client = await stage.connectDevice(lamp);
  const marked = await stage.connectDevice(marker);

  await stage.rotate(lamp, 60);

  await stage.disableDevice(marker); // a later event, so that the earlier one is known to be done with
  await untilClosed(marked);
  t.match(await publish(client, 'room/a', 1), [/^puback( 16)?$/]);
  await client.leave();
});

t.test('a device that came back with its new key before the kick stays', async (t) => {
  const lamp = await stage.add();
  const client = await stage.connectDevice(lamp);
  await stage.stack.part('webhook').kill();
  const renewed = await stage.rotate(lamp, 0);
  await stage.stack.part('webhook').start();
  await untilClosed(client);
  await until(() => isForgotten(lamp));
  const back = await stage.connectDevice(renewed);

  await stage.stack.part('webhook').restart();
  const marker = await stage.add();
  const marked = await stage.connectDevice(marker);
  await stage.disableDevice(marker);
  await untilClosed(marked);

  t.same(await back.settle(), [], 'the events of the last hour are read again and end nothing');
  t.match(await publish(back, 'room/a', 1), [/^puback( 16)?$/]);
  await back.leave();
});

t.test(
  'a kick wipes the queue of a device and keeps its will back; enabled again, it starts afresh',
  async (t) => {
    const [lamp, speaker, lastWords] = [await stage.add(), await stage.add(), await stage.add()];
    const reader = await stage.connectDevice(lamp, { clean: false });
    await subscribe(reader, 'room/queue', 1);
    await reader.leave();
    const sender = await stage.connectDevice(speaker);
    await subscribe(sender, 'room/will', 1);
    await publish(sender, 'room/queue', 1, 'before');
    const will = { topic: 'room/will', payload: Buffer.from('poison'), qos: 1, retain: false } as const;
    const dying = await stage.connectDevice(lastWords, { will });

    await Promise.all([stage.disableDevice(lamp), stage.disableDevice(lastWords)]);
    await untilClosed(dying);
    await until(() => isForgotten(lamp));

    t.same(await sender.settle(), [], 'no will');
    await enableDevice(store, { id: lamp.id, reason: 'test', actor: 'operator' });
    const again = await stage.connectDevice(lamp, { clean: false });
    t.same(await again.settle(), [], 'no queue');
    await Promise.all([sender.leave(), again.leave()]);
  },
);

t.test('a ticket for a device is good for one client id, once, and for no topic', async (t) => {
  const [lamp, other] = [await stage.add(), await stage.add()];
  const victim = await stage.connectDevice(lamp);
  const ticket = (await issueTicket(store, lamp.id)) ?? '';
  const kick = (clientId: string) =>
    openClient({ port: stage.stack.ports.mqtt, clientId, username: 'k:kick', password: ticket });

  for (const clientId of [other.id, `${lamp.id}.x`, lamp.id.toUpperCase()]) {
    t.equal(await kick(clientId).next(), 'connack 135', clientId);
  }
  t.same(await victim.settle(), []);
  const thief = kick(lamp.id);
  t.equal(await thief.next(), 'connack 0', 'its own twin');
  await untilClosed(victim);
  t.same(await publish(thief, `devices/${lamp.id}/x`, 1), ['puback 135']);
  await thief.leave();
  t.equal(await kick(lamp.id).next(), 'connack 135', 'a second time');
});
