import t from 'tap';
import {
  createDevice,
  deleteDevice,
  disableDevice,
  enableDevice,
  rotateDeviceKey,
} from '../../services/core/devices/change-device.ts';
import { hashDeviceKey, isDeviceKey } from '../../services/core/devices/device-key.ts';
import { findDevice, listDevices } from '../../services/core/devices/device.ts';
import { partitionOfClientId, partitionOfDevice } from '../../services/core/ids.ts';
import {
  deviceClientsKey,
  deviceIndexKey,
  deviceKey,
  eventsKey,
  ticketKey,
} from '../../services/core/redis/keys.ts';
import { openTestStore } from '../cli/sign-in.ts';
import { startTestStack } from '../support/stack.ts';

const stack = await startTestStack(t, { parts: ['redis'] });
const store = await openTestStore(t, stack.redisUrl('cli'));
const admin = await openTestStore(t, stack.redisAdminUrl);
const newDevice = (id: string) => ({ id, label: '', owner: '', roles: ['device'], actor: 'test' });
const change = (id: string) => ({ id, reason: 'lost', actor: 'ops' });

t.test('of 50 simultaneous creations of one id one wins, and only its key is good', async (t) => {
  const keys = await Promise.all(Array.from({ length: 50 }, () => createDevice(store, newDevice('race'))));

  const [key = '', ...others] = keys.filter((created) => created !== undefined);
  t.same(others, []);
  t.equal(await admin.redis.hget(deviceKey('race'), 'keyHash'), hashDeviceKey(key));
});

t.test('a key has 256 bits and is stored as its hash alone', async (t) => {
  const keys = await Promise.all(['k1', 'k2'].map((id) => createDevice(store, newDevice(id))));

  for (const [index, key = ''] of keys.entries()) {
    t.ok(isDeviceKey(key));
    t.equal(Buffer.from(key, 'base64url').length, 32);
    const stored = JSON.stringify([
      await admin.redis.hgetall(deviceKey(`k${index + 1}`)),
      await admin.redis.xrange(eventsKey(partitionOfDevice(`k${index + 1}`)), '-', '+'),
    ]);
    t.notMatch(stored, key);
  }
  t.not(keys[0], keys[1]);
});

t.test('each change is an event with reason, actor and time', async (t) => {
  await createDevice(store, newDevice('told'));
  await disableDevice(store, change('told'));
  await enableDevice(store, change('told'));
  await rotateDeviceKey(store, { id: 'told', overlapSeconds: 60, actor: 'ops' });
  await rotateDeviceKey(store, { id: 'told', overlapSeconds: 0, actor: 'ops' });
  await deleteDevice(store, change('told'));

  t.match(await eventsOf('told'), [
    { type: 'device-created', actor: 'test', atMs: /^\d{13}$/ },
    { type: 'device-disabled', reason: 'lost', actor: 'ops', atMs: /^\d{13}$/ },
    { type: 'device-enabled', actor: 'ops' },
    { type: 'device-key-rotated', overlapSeconds: '60', actor: 'ops' },
    { type: 'device-key-rotated', overlapSeconds: '0', actor: 'ops' },
    { type: 'device-deleted', reason: 'lost', actor: 'ops' },
  ]);
});

t.test('a change that is repeated is harmless, and no other event', async (t) => {
  await createDevice(store, newDevice('twice'));

  for (const work of [disableDevice, disableDevice, deleteDevice, deleteDevice]) {
    t.equal(await work(store, change('twice')), true);
  }

  t.same(
    (await eventsOf('twice')).map(({ type }) => type),
    ['device-created', 'device-disabled', 'device-deleted'],
  );
});

t.test('a deleted device is a tombstone for 90 days, without keys and not in the list', async (t) => {
  await createDevice(store, newDevice('gone'));
  await rotateDeviceKey(store, { id: 'gone', overlapSeconds: 60, actor: 'ops' });
  await deleteDevice(store, change('gone'));

  const tombstone = await admin.redis.hgetall(deviceKey('gone'));
  t.match(tombstone, { id: 'gone', state: 'deleted', reason: 'lost', actor: 'ops', endedAtMs: /^\d{13}$/ });
  t.same(
    Object.keys(tombstone).filter((field) => /hash|until/i.test(field)),
    [],
  );
  t.ok(Math.abs((await admin.redis.ttl(deviceKey('gone'))) - 90 * 86_400) <= 60);
  t.equal(await admin.redis.zscore(deviceIndexKey(partitionOfDevice('gone')), 'gone'), null);
  t.equal(await findDevice(store, 'gone'), undefined);
  for (const work of [disableDevice, enableDevice]) t.equal(await work(store, change('gone')), false);
  const rotation = { id: 'gone', overlapSeconds: 0, actor: 'ops' };
  t.same(await rotateDeviceKey(store, rotation), { outcome: 'unknown' });

  await createDevice(store, newDevice('gone'));
  t.match(await findDevice(store, 'gone'), { state: 'active', oldKeyUntilMs: 0 });
  t.equal(await admin.redis.ttl(deviceKey('gone')), -1, 'it lives again');
});

t.test('the epoch rises when all earlier keys become void, and only then', async (t) => {
  const epoch = async () => Number(await admin.redis.hget(deviceKey('epoch'), 'epoch'));
  await createDevice(store, newDevice('epoch'));
  t.equal(await epoch(), 0);
  await disableDevice(store, change('epoch'));
  await enableDevice(store, change('epoch'));
  await rotateDeviceKey(store, { id: 'epoch', overlapSeconds: 60, actor: 'ops' });
  t.equal(await epoch(), 0, 'the key from before still works');

  await rotateDeviceKey(store, { id: 'epoch', overlapSeconds: 0, actor: 'ops' });
  t.equal(await epoch(), 1);
  await deleteDevice(store, change('epoch'));
  await createDevice(store, newDevice('epoch'));
  t.equal(await epoch(), 2);
});

t.test('of 20 simultaneous rotations with an overlap one wins: the old key is not cut off', async (t) => {
  const first = (await createDevice(store, newDevice('rotated'))) ?? '';
  const rotation = { id: 'rotated', overlapSeconds: 3600, actor: 'ops' };

  const outcomes = await Promise.all(Array.from({ length: 20 }, () => rotateDeviceKey(store, rotation)));

  const won = outcomes.filter(({ outcome }) => outcome === 'rotated');
  t.equal(won.length, 1);
  t.match(
    outcomes.find(({ outcome }) => outcome === 'overlap'),
    { untilMs: Number },
  );
  t.match(await admin.redis.hgetall(deviceKey('rotated')), {
    previousKeyHash: hashDeviceKey(first),
    keyHash: hashDeviceKey(won[0]?.outcome === 'rotated' ? won[0].key : ''),
  });
});

t.test('pages hold each device once, whatever their size', async (t) => {
  const ids = Array.from({ length: 150 }, (_, i) => `page-${i}`);
  await Promise.all(ids.map((id) => createDevice(store, newDevice(id))));
  await createDevice(store, newDevice('-_'));

  for (const limit of [1, 7, 64, 1000]) {
    const seen: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page = await listDevices(store, cursor, limit);
      t.ok(page.devices.length <= limit);
      seen.push(...page.devices.map(({ id }) => id));
      cursor = page.next;
    }
    t.equal(new Set(seen).size, seen.length, `pages of ${limit}: none twice`);
    t.same(
      [...ids, '-_'].filter((id) => !seen.includes(id)),
      [],
      `pages of ${limit}: none missing`,
    );
  }
});

t.test('the ticket of a client id is in the partition of whoever connects with it', async (t) => {
  t.equal(partitionOfClientId('lamp'), partitionOfDevice('lamp'));
  t.equal(partitionOfClientId('lamp.2'), partitionOfDevice('lamp'));
  t.equal(partitionOfClientId('Z'.repeat(22)), 'Z');
  t.equal(partitionOfClientId(`${'Z'.repeat(22)}-lamp`), 'Z');
  for (const id of ['lamp', 'x', '-_']) {
    const tag = /\{.\}/;
    t.equal(tag.exec(ticketKey(`${id}.2`))?.[0], tag.exec(deviceClientsKey(id))?.[0]);
  }
});

t.test('the webhook service can read a device and change none; its clients it can note', async (t) => {
  await createDevice(store, newDevice('guarded'));
  const webhook = await openTestStore(t, stack.redisUrl('webhook'));
  const key = deviceKey('guarded');

  t.equal(await webhook.redis.hget(key, 'state'), 'active');
  for (const work of [
    (): Promise<unknown> => webhook.redis.hset(key, 'state', 'active'),
    () => webhook.redis.hdel(key, 'keyHash'),
    () => webhook.redis.set(key, 'x'),
    () => webhook.redis.zadd(deviceIndexKey(partitionOfDevice('guarded')), 0, 'x'),
    () => webhook.redis.zcard(deviceIndexKey(partitionOfDevice('guarded'))),
  ]) {
    await t.rejects(work(), /NOPERM/);
  }
  t.equal(await webhook.redis.hset(deviceClientsKey('guarded'), 'guarded', '1 0'), 1);
  await t.rejects(
    store.redis.hset(deviceClientsKey('guarded'), 'guarded', '1 0'),
    /NOPERM/,
    'the cli only reads',
  );
});

async function eventsOf(id: string): Promise<Record<string, string>[]> {
  const entries = await admin.redis.xrange(eventsKey(partitionOfDevice(id)), '-', '+');
  return entries.map(([, fields]) => toRecord(fields)).filter(({ device }) => device === id);
}

function toRecord(fields: string[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field, i) => (i % 2 === 0 ? [[field, fields[i + 1] ?? ''] as const] : [])),
  );
}
