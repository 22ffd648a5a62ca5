import { createHash } from 'node:crypto';
import t from 'tap';
import {
  deleteDevice,
  disableDevice,
  enableDevice,
  rotateDeviceKey,
} from '../../services/core/devices/change-device.ts';
import { findDevice } from '../../services/core/devices/device.ts';
import { deviceClientsKey, deviceKey } from '../../services/core/redis/keys.ts';
import type { Store } from '../../services/core/redis/store.ts';
import { addDevice, askConnect, askTopic, type KeyedDevice } from '../support/devices.ts';
import { checkDevice } from '../../services/webhook/routes/device.ts';
import type { WebhookContext } from '../../services/webhook/webhook-context.ts';
import { until } from '../support/until.ts';
import { startWebhookStage } from '../support/webhook-service.ts';

const stage = await startWebhookStage(t, { settings: { webhook: { BROKER_URLS: '' } } });
const { store } = stage;
const change = (device: KeyedDevice) => ({ id: device.id, reason: 'test', actor: 'operator' });
const rotate = async (device: KeyedDevice, overlapSeconds: number): Promise<KeyedDevice> => {
  const rotation = await rotateDeviceKey(store, { id: device.id, overlapSeconds, actor: 'operator' });
  if (rotation.outcome !== 'rotated') throw new Error(rotation.outcome);
  return { ...device, key: rotation.key };
};

t.test('a device connects with its id and key, under its own client ids', async (t) => {
  const lamp = await addDevice(store);
  const [before] = await store.redis.time();

  t.equal((await askConnect(stage, lamp)).status, 200);
  t.equal((await askConnect(stage, lamp, { clientid: `${lamp.id}.second_a-b.c` })).status, 200);
  const noted = await findDevice(store, lamp.id);
  t.same(noted?.clients.map(({ clientId }) => clientId).sort(), [lamp.id, `${lamp.id}.second_a-b.c`]);
  const [after] = await store.redis.time();
  const seenSeconds = (noted?.lastSeenMs ?? 0) / 1000;
  t.ok(seenSeconds >= Number(before) - 1 && seenSeconds <= Number(after) + 1, 'with the time');
  t.equal(await store.redis.ttl(deviceClientsKey(lamp.id)), -1, 'for as long as the device is there');
});

t.test(
  'a wrong, unknown, disabled or deleted device is denied by a reason that only the log gets',
  async (t) => {
    const [lamp, disabled, deleted] = [
      await addDevice(store),
      await addDevice(store),
      await addDevice(store),
    ];
    await disableDevice(store, change(disabled));
    await deleteDevice(store, change(deleted));
    const rows: [string, KeyedDevice, object][] = [
      ['device-key-wrong', lamp, { password: 'A'.repeat(43) }],
      ['device-key-wrong', lamp, { password: disabled.key }],
      ['device-unknown', { ...lamp, id: 'none', username: 'd:none', clientId: 'none' }, {}],
      ['device-disabled', disabled, {}],
      ['device-disabled', disabled, { password: 'A'.repeat(43) }],
      ['device-deleted', deleted, {}],
      ['device-key-malformed', lamp, { password: lamp.key.slice(1) }],
      ['device-key-malformed', lamp, { password: `${lamp.key}\n` }],
      ['device-key-malformed', lamp, { password: `${lamp.key}=` }],
      ['device-key-malformed', lamp, { password: createHash('sha256').update(lamp.key).digest('hex') }],
      ['device-key-malformed', lamp, { password: 'x'.repeat(10_000) }],
      ['device-key-wrong', lamp, { password: createHash('sha256').update(lamp.key).digest('base64url') }],
      ['username-malformed', lamp, { username: 'd:' }],
      ['username-malformed', lamp, { username: 'd:a/b', clientid: 'a/b' }],
      ['username-malformed', lamp, { username: `d:${'x'.repeat(65)}`, clientid: 'x'.repeat(65) }],
      ['username-malformed', lamp, { username: `D:${lamp.id}` }],
      ['client-id-of-other-device', lamp, { clientid: disabled.id }],
      ['client-id-of-other-device', lamp, { clientid: lamp.id.toUpperCase() }],
      ['client-id-of-other-device', lamp, { clientid: '' }],
      ['client-id-of-other-device', lamp, { clientid: `${lamp.id}.` }],
      ['client-id-of-other-device', lamp, { clientid: `${lamp.id}-x` }],
      ['client-id-of-other-device', lamp, { clientid: `${lamp.id}.${'x'.repeat(33)}` }],
      ['client-id-of-other-device', lamp, { clientid: `${lamp.id}.a/b` }],
    ];

    for (const [reason, device, asked] of rows) {
      const answer = await askConnect(stage, device, asked);
      t.match(answer, { status: 403, reason }, JSON.stringify(asked).slice(0, 80));
    }
    for (const device of [lamp, disabled, deleted]) {
      t.equal(await store.redis.exists(deviceClientsKey(device.id)), 0, 'nothing was written');
    }
  },
);

t.test('a disabled device comes back with its key, a deleted one never', async (t) => {
  const lamp = await addDevice(store);
  await disableDevice(store, change(lamp));
  t.equal((await askConnect(stage, lamp)).reason, 'device-disabled');
  await enableDevice(store, change(lamp));
  t.equal((await askConnect(stage, lamp)).status, 200);

  await deleteDevice(store, change(lamp));
  t.equal(await enableDevice(store, change(lamp)), false);
  const heir = await addDevice(store, { id: lamp.id });

  t.equal((await askConnect(stage, lamp)).reason, 'device-key-wrong', 'the old key');
  t.equal((await askTopic(stage, lamp)).reason, 'device-connection-void', 'the old connection');
  t.equal((await askConnect(stage, heir)).status, 200, 'the new key');
  t.equal((await askTopic(stage, heir)).status, 200, 'the new connection');
});

t.test('while keys overlap both work; by the clock of Redis the old one ends', async (t) => {
  const lamp = await addDevice(store);
  await askConnect(stage, lamp);
  const renewed = await rotate(lamp, 3600);

  t.equal((await askConnect(stage, lamp)).status, 200, 'the old key');
  t.equal((await askConnect(stage, renewed)).status, 200, 'the new key');
  const again = await rotateDeviceKey(store, { id: lamp.id, overlapSeconds: 3600, actor: 'operator' });
  t.equal(again.outcome, 'overlap', 'a second rotation would cut off whoever has the old key');

  const nowMs = Number((await store.redis.time())[0]) * 1000;
  await store.redis.hset(deviceKey(lamp.id), 'previousKeyUntilMs', nowMs - 1);
  t.equal((await askConnect(stage, lamp)).reason, 'device-key-replaced');
  t.equal((await askConnect(stage, renewed)).status, 200);
  t.equal((await askTopic(stage, lamp)).status, 200, 'a connection from before goes on');
});

t.test('without overlap the old key and its connections are void at once', async (t) => {
  const lamp = await addDevice(store);
  const second = { ...lamp, clientId: `${lamp.id}.second` };
  await askConnect(stage, lamp);
  await askConnect(stage, second);
  t.equal((await askTopic(stage, lamp)).status, 200);

  const renewed = await rotate(lamp, 0);

  t.equal((await askConnect(stage, lamp)).reason, 'device-key-replaced');
  for (const acc of [1, 2, 4]) {
    t.equal((await askTopic(stage, lamp, undefined, acc)).reason, 'device-connection-void', `acc ${acc}`);
  }
  t.equal((await askConnect(stage, renewed)).status, 200);
  t.equal((await askTopic(stage, lamp)).status, 200, 'the client id that has connected by the new key');
  t.equal((await askTopic(stage, second)).reason, 'device-connection-void', 'the one that has not');
  t.same(
    (await findDevice(store, lamp.id))?.clients.map(({ clientId }) => clientId),
    [lamp.id],
    'only the good connection is shown',
  );
});

t.test("a device id that looks like a sid gives nobody a session's client ids", async (t) => {
  const alice = await stage.signIn();
  const double = await addDevice(store, { id: alice.sid });
  const tab = await addDevice(store, { id: `${alice.sid}-tab` });
  const free = await addDevice(store, { id: 'greenhouse-north_22-ch' });

  t.equal((await askConnect(stage, double)).reason, 'client-id-of-session');
  t.equal((await askTopic(stage, double)).reason, 'client-id-of-session');
  t.equal((await askConnect(stage, tab)).reason, 'client-id-of-session');
  await stage.revoke(alice);
  t.equal((await askConnect(stage, double)).reason, 'client-id-of-session', 'not even after its end');
  t.equal(
    (await askConnect(stage, free)).status,
    200,
    'where there is no such session it is an id as any other',
  );
});

t.test('an account and a device are never mistaken for one another', async (t) => {
  const alice = await stage.signIn();
  const lamp = await addDevice(store);

  t.equal(
    (await askConnect(stage, lamp, { username: alice.username, clientid: alice.sid })).reason,
    'token-malformed',
  );
  t.equal((await askConnect(stage, lamp, { password: alice.token })).reason, 'device-key-malformed');
  t.equal((await askConnect(stage, lamp, { clientid: alice.sid })).reason, 'client-id-of-other-device');
  t.equal(
    (await stage.askUser({ username: alice.username, password: alice.token, clientid: lamp.id })).reason,
    'client-id-malformed',
  );
});

t.test('64 client ids of a device are remembered, the newest', async (t) => {
  const lamp = await addDevice(store);

  for (let i = 0; i < 70; i += 1) await askConnect(stage, lamp, { clientid: `${lamp.id}.${i}` });

  const key = deviceClientsKey(lamp.id);
  await until(async () => (await store.redis.hlen(key)) <= 64);
  t.ok(await store.redis.hexists(key, `${lamp.id}.69`));
});

t.test('a device that is disabled while it connects is denied', async (t) => {
  for (let i = 0; i < 40; i += 1) {
    const lamp = await addDevice(store);
    const [connect] = await Promise.all([askConnect(stage, lamp), disableDevice(store, change(lamp))]);
    if (connect.status === 200) {
      t.ok(await store.redis.hexists(deviceClientsKey(lamp.id), lamp.id), 'let in before: it can be kicked');
    } else {
      t.equal(connect.reason, 'device-disabled');
    }
    t.equal((await askTopic(stage, lamp)).reason, 'device-disabled');
  }
});

t.test('a right key that stops being one before the client id is noted opens nothing', async (t) => {
  const changes: [reason: string, work: (device: KeyedDevice) => Promise<unknown>][] = [
    ['device-disabled', (device) => disableDevice(store, change(device))],
    ['device-deleted', (device) => deleteDevice(store, change(device))],
    ['device-key-replaced', (device) => rotate(device, 0)],
    [
      'device-key-wrong',
      async (device) => {
        await deleteDevice(store, change(device));
        await addDevice(store, { id: device.id });
      },
    ],
  ];
  for (const [reason, work] of changes) {
    const lamp = await addDevice(store);
    const context = { ...unusedParts, store: storeWith(() => work(lamp)) };

    const answer = await checkDevice(context, { ...lamp, password: lamp.key });

    t.same(answer, { granted: false, reason });
  }
  const lamp = await addDevice(store);
  const context = { ...unusedParts, store: storeWith(() => rotate(lamp, 60)) };
  t.same(await checkDevice(context, { ...lamp, password: lamp.key }), { granted: true }, 'keys overlap');
});

t.test('a device whose hash is of another type is denied, not an error', async (t) => {
  const lamp = await addDevice(store);
  await store.redis.del(deviceKey(lamp.id));
  await store.redis.set(deviceKey(lamp.id), 'x');

  t.match(await askConnect(stage, lamp), { status: 403, reason: 'check-failed' });
  t.match(await askTopic(stage, lamp, undefined, 1), { status: 403, reason: 'check-failed' });
});

/** The parts of the service that a device's CONNECT has no use for. */
const unusedParts = {} as Omit<WebhookContext, 'store'>;

/** The store, in which `work` is done right before the second pipeline. */
function storeWith(work: () => Promise<unknown>): Store {
  let pipelines = 0;
  const pipeline = () => {
    const commands = store.redis.pipeline();
    pipelines += 1;
    if (pipelines === 2) {
      const exec = commands.exec.bind(commands);
      commands.exec = async () => {
        await work();
        return exec();
      };
    }
    return commands;
  };
  return { ...store, redis: Object.assign(Object.create(store.redis), { pipeline }) as Store['redis'] };
}
