import t from 'tap';
import { enableDevice } from '../../services/core/devices/change-device.ts';
import { deviceKey } from '../../services/core/redis/keys.ts';
import { withoutKicks } from '../support/broker-stage.ts';
import { startDeviceStage } from '../support/device-stage.ts';
import type { KeyedDevice } from '../support/devices.ts';
import {
  openClient,
  publish,
  publishRetained,
  subscribe,
  type Qos,
  type Version,
} from '../support/mqtt-outcomes.ts';

/** Nobody is kicked here: each refusal is the check's own. A ping round trip proves that nothing was delivered. */
const stage = await startDeviceStage(t, withoutKicks);
const refusedConnack = { 4: 'connack 5', 5: 'connack 135' } as const;
const versions: readonly Version[] = [4, 5];
const qualities: readonly Qos[] = [0, 1, 2];

/** All ways in which a device loses its rights while it is connected. */
const endings: [name: string, end: (device: KeyedDevice) => Promise<unknown>][] = [
  ['disabled', (device) => stage.disableDevice(device)],
  ['deleted', (device) => stage.deleteDevice(device)],
  ['given a new key at once', (device) => stage.rotate(device, 0)],
  [
    'deleted and created again',
    async (device) => {
      await stage.deleteDevice(device);
      await stage.add({ id: device.id });
    },
  ],
];

for (const [name, end] of endings) {
  for (const version of versions) {
    t.test(
      `a device that was ${name} can't connect, publish, subscribe or receive (MQTT ${version})`,
      async (t) => {
        const [lamp, witness] = [await stage.add(), await stage.add()];
        const client = await stage.connectDevice(lamp, { version });
        const other = await stage.connectDevice(witness, { version });
        for (const each of [client, other]) await subscribe(each, 'room/+', 2);
        await publish(client, 'room/a', 1, 'before');
        t.ok((await other.settle()).includes('publish room/a=before'));
        await client.settle();

        await end(lamp);

        const refused = stage.knockAsDevice(lamp, { version, clientId: `${lamp.id}.new` });
        t.equal(await refused.next(), refusedConnack[version], 'connect');
        for (const qos of qualities) {
          t.notOk((await publish(client, 'room/a', qos, 'x')).includes('closed'), `publish, QoS ${qos}`);
          t.same(await other.settle(), [], `QoS ${qos}: not delivered`);
          const answers = await publish(other, 'room/a', qos, `to all ${qos}`);
          t.notOk(answers.includes('closed'), `QoS ${qos}: its publisher is not punished`);
          t.ok((await other.settle()).concat(answers).includes(`publish room/a=to all ${qos}`));
          t.same(await client.settle(), [], `receive, QoS ${qos}`);
        }
        t.same(await subscribe(client, 'room/b', 1), [version === 5 ? 'suback 135' : 'suback 128']);
        await Promise.all([client.leave(), other.leave()]);
      },
    );
  }
}

t.test('a retained message is not given to a disabled device', async (t) => {
  const [speaker, lamp] = [await stage.add(), await stage.add()];
  const sender = await stage.connectDevice(speaker);
  await publishRetained(sender, 'room/retained', 'kept');
  const client = await stage.connectDevice(lamp);
  t.same(await subscribe(client, 'room/retained', 1), ['suback 1', 'publish room/retained=kept']);

  await stage.disableDevice(lamp);

  t.same(await subscribe(client, 'room/retained', 1), ['suback 135']);
  await Promise.all([sender.leave(), client.leave()]);
});

t.test('nothing is queued for an offline device once it is disabled', async (t) => {
  const [speaker, lamp] = [await stage.add(), await stage.add()];
  const sender = await stage.connectDevice(speaker);
  const reader = await stage.connectDevice(lamp, { clean: false });
  await subscribe(reader, 'room/queue', 1);
  await reader.leave();
  t.same(await publish(sender, 'room/queue', 1, 'before'), ['puback']);

  await stage.disableDevice(lamp);
  t.same(await publish(sender, 'room/queue', 1, 'after'), ['puback']);

  t.equal(
    await stage.knockAsDevice(lamp, { clean: false }).next(),
    'connack 135',
    'the queue is out of reach',
  );
  await enableDevice(stage.store, { id: lamp.id, reason: 'test', actor: 'operator' });
  const again = await stage.connectDevice(lamp, { clean: false });
  t.same(await again.settle(), ['publish room/queue=before'], 'what came meanwhile is not in it');
  await Promise.all([sender.leave(), again.leave()]);
});

t.test('the will of a disabled device, or of a void key, is not sent', async (t) => {
  const [off, moved, live, lamp] = [
    await stage.add(),
    await stage.add(),
    await stage.add(),
    await stage.add(),
  ];
  const will = (payload: string) =>
    ({ topic: 'room/will', payload: Buffer.from(payload), qos: 1, retain: false }) as const;
  const clients = [
    await stage.connectDevice(off, { will: will('poison') }),
    await stage.connectDevice(moved, { will: will('poison') }),
    await stage.connectDevice(live, { will: will('farewell') }),
  ];
  const listener = await stage.connectDevice(lamp);
  await subscribe(listener, 'room/will', 1);

  await stage.disableDevice(off);
  await stage.rotate(moved, 0);
  for (const client of clients) await client.drop();

  t.equal(await listener.next(), 'publish room/will=farewell', 'the live one, though it came last');
  t.same(await listener.settle(), []);
  await listener.leave();
});

t.test(
  'with an overlap the old key works until its end by the clock of Redis, the new one at once',
  async (t) => {
    const lamp = await stage.add();
    const client = await stage.connectDevice(lamp);
    const renewed = await stage.rotate(lamp, 3600);

    const byNew = await stage.connectDevice(renewed, { clientId: `${lamp.id}.new` });
    const byOld = await stage.connectDevice(lamp, { clientId: `${lamp.id}.old` });
    const [seconds] = await stage.store.redis.time();
    await stage.store.redis.hset(deviceKey(lamp.id), 'previousKeyUntilMs', Number(seconds) * 1000 - 1);

    t.equal(await stage.knockAsDevice(lamp, { clientId: `${lamp.id}.late` }).next(), 'connack 135');
    for (const each of [client, byNew, byOld]) {
      t.match(await publish(each, 'room/a', 1), [/^puback( 16)?$/], 'connections go on');
      await each.leave();
    }
    await (await stage.connectDevice(renewed)).leave();
  },
);

t.test("a deleted device's id can be used again, its old key can't", async (t) => {
  const lamp = await stage.add();
  await stage.deleteDevice(lamp);
  const heir = await stage.add({ id: lamp.id });

  t.equal(await stage.knockAsDevice(lamp).next(), 'connack 135');
  const client = await stage.connectDevice(heir);
  t.match(await publish(client, `devices/${lamp.id}/x`, 1), [/^puback( 16)?$/]);
  await client.leave();
});

t.test(
  "a device can't use the client id of another device or of a session, nor disturb its owner",
  async (t) => {
    const [lamp, thief] = [await stage.add(), await stage.add()];
    const alice = await stage.signIn();
    const owners = [
      await stage.connectDevice(lamp),
      openClient({
        ...{ port: stage.stack.ports.mqtt, clientId: alice.clientId },
        ...{ username: alice.username, password: alice.token },
      }),
    ];
    t.equal(await owners[1]?.next(), 'connack 0');

    const asked = [
      stage.knockAsDevice(thief, { clientId: lamp.id }),
      stage.knockAsDevice(thief, { clientId: lamp.id, username: lamp.username }),
      stage.knockAsDevice(thief, { clientId: alice.clientId }),
      stage.knockAsDevice(await stage.add({ id: alice.sid })),
      openClient({
        ...{ port: stage.stack.ports.mqtt, clientId: lamp.id },
        ...{ username: alice.username, password: alice.token },
      }),
    ];
    for (const client of asked) t.equal(await client.next(), 'connack 135');

    for (const owner of owners) {
      t.same(await owner.settle(), [], 'still connected');
      await owner.leave();
    }
  },
);

t.test("a device can't use the topics of accounts or of other devices", async (t) => {
  const [lamp, other] = [await stage.add(), await stage.add()];
  const alice = await stage.signIn();
  const client = await stage.connectDevice(lamp);

  for (const topic of [`users/${alice.username}/x`, `users/${lamp.id}/x`, `devices/${other.id}/x`]) {
    t.same(await publish(client, topic, 1), ['puback 135'], topic);
    t.same(await subscribe(client, topic, 1), ['suback 135'], topic);
  }
  for (const filter of [
    'users/#',
    'devices/+/x',
    '#',
    '+/+/x',
    '$SYS/#',
    `$share/g/users/${alice.username}/#`,
  ]) {
    t.same(await subscribe(client, filter, 1), ['suback 135'], filter);
  }
  t.same(await subscribe(client, `devices/${lamp.id}/#`, 1), ['suback 1']);
  await client.leave();
});
