import { readFileSync } from 'node:fs';
import t from 'tap';
import { startDeviceStage } from '../support/device-stage.ts';
import type { KeyedDevice } from '../support/devices.ts';
import { openClient, type RawClient } from '../support/mqtt-outcomes.ts';

const deviceCount = 2000;
/** Sign-ins under way at once: more than the broker's listen queue (100) holds. */
const mostAtOnce = 200;
const stage = await startDeviceStage(t, { settings: { webhook: { EXPIRY_SWEEP_MS: '60000' } } });
const { store } = stage;

interface Knock {
  device: KeyedDevice;
  isGood: boolean;
  /** Commands HMGET that its CONNECT costs: one in each round trip. */
  roundTrips: number;
}

const ids = Array.from({ length: deviceCount }, (_, i) => `storm-${i}`);
const devices = await inLanes(ids, (id) => stage.add({ id }));
const knocks = await inLanes(devices, prepare);

t.test(
  '2,000 devices connect, and reconnect, as fast as they are answered: the good ones get in, the bad ones never',
  async (t) => {
    const good = knocks.filter(({ isGood }) => isGood);
    const expectedReads = knocks.reduce((sum, { roundTrips }) => sum + roundTrips, 0);
    t.comment(`${good.length} good, ${deviceCount - good.length} bad`);

    for (const round of ['first', 'again']) {
      const before = await callsByCommand();
      const startMs = performance.now();
      const answered = await knockOnAll();
      const seconds = (performance.now() - startMs) / 1000;
      const after = await callsByCommand();

      t.comment(
        `${round}: ${Math.round(deviceCount / seconds)} connects/s, all answered in ${seconds.toFixed(2)} s`,
      );
      const wrong = answered.filter(
        ({ isGood, answer }) => answer !== (isGood ? 'connack 0' : 'connack 135'),
      );
      t.same(
        wrong.map(({ device, answer }) => `${device.clientId}: ${answer}`),
        [],
        round,
      );
      const calls = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
      const reads = calls('hmget') - expectedReads;
      t.ok(isForSweeps(reads), 'a bad one is one round trip to Redis, a malformed one none, a good one two');
      t.ok(isForSweeps(calls('hlen') - good.length), 'only good ones are noted');
      await Promise.all(answered.map(({ client }) => client.drop()));
    }
  },
);

t.test('the storm cost no password hash, no 5xx and no repeat', async (t) => {
  const metrics = await (await fetch(`${stage.stack.urls.webhook}/metrics`)).text();
  const answered = [...metrics.matchAll(/^bednet_checks_total\{check="user",reason="([a-z-]+)"\} (\d+)$/gm)];
  const counts: Record<string, number> = Object.fromEntries(
    answered.map(([, reason = '', count]): [string, number] => [reason, Number(count)]),
  );

  t.notMatch(metrics, /store-unavailable|check-failed/);
  t.equal(
    Object.values(counts).reduce((sum, count) => sum + count, 0),
    2 * deviceCount,
    'each was asked once',
  );
  t.same(Object.keys(counts).sort(), [
    'client-id-of-other-device',
    'device-disabled',
    'device-key-malformed',
    'device-key-wrong',
    'device-unknown',
    'none',
  ]);
  const { pid } = stage.stack.part('webhook');
  t.notMatch(readFileSync(`/proc/${pid}/maps`, 'utf8'), /argon2/, 'there is no password hash to compute');
});

/** On a slow machine the sweep of lapsed sessions, once a minute here, falls into the storm. */
function isForSweeps(count: number): boolean {
  return count >= 0 && count <= 10;
}

/** Half of the devices are good; the others are bad in one of five ways. */
async function prepare(device: KeyedDevice, index: number): Promise<Knock> {
  if (index % 2 === 0) return { device, isGood: true, roundTrips: 2 };
  switch (Math.floor(index / 2) % 5) {
    case 0:
      return { device: { ...device, key: 'A'.repeat(43) }, isGood: false, roundTrips: 1 };
    case 1:
      return {
        device: { ...device, username: `d:un-${index}`, clientId: `un-${index}` },
        ...{ isGood: false, roundTrips: 1 },
      };
    case 2:
      await stage.disableDevice(device);
      return { device, isGood: false, roundTrips: 1 };
    case 3:
      return { device: { ...device, key: 'a guess' }, isGood: false, roundTrips: 0 };
    default:
      return { device: { ...device, clientId: devices[index - 1]?.id ?? '' }, isGood: false, roundTrips: 0 };
  }
}

/** Everybody's sign-in; all who got in stay connected. */
async function knockOnAll(): Promise<Awaited<ReturnType<typeof knock>>[]> {
  return inLanes(knocks, knock);
}

/** Does something with each item, with so many at once; the results are in the order of the items. */
async function inLanes<Item, Result>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const waiting = items.entries();
  const results: Result[] = [];
  const work = async () => {
    for (const [index, item] of waiting) results[index] = await act(item, index);
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return results;
}

async function knock(each: Knock): Promise<Knock & { client: RawClient; answer: string }> {
  const { username, clientId, key } = each.device;
  const client = openClient({ port: stage.stack.ports.mqtt, clientId, username, password: key });
  return { ...each, client, answer: await client.next() };
}

async function callsByCommand(): Promise<Map<string, number>> {
  const lines = String(await store.redis.info('commandstats'));
  return new Map(
    [...lines.matchAll(/^cmdstat_([a-z|]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [
      name,
      Number(calls),
    ]),
  );
}
