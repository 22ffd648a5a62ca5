import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpAnswer } from '../../bench/load/http-connection.ts';
import { settle } from '../history/history.ts';
import { outcomeOf } from './ask.ts';
import { showKey, type Device, type DeviceTools } from './device-keys.ts';
import { warmUpMs } from './end.ts';
import { dataOf, openLane, openSessionLane } from './lane.ts';
import { beginEnding, count, whileHot, type Asker, type World } from './world.ts';

const pauseMs = [5, 60] as const;
const retryMs = 20;

/** Plays devices, one after the other: each is disabled, enabled and given new keys until a call's fate is unknown. */
export async function runDevices(
  world: World,
  { operator, publishes, random }: Pick<DeviceTools, 'operator' | 'publishes' | 'random'>,
): Promise<void> {
  const host = random.pick(world.stage.hosts);
  const lane = openSessionLane(world);
  const check = { lane: openLane(host.webhookPort), host };
  const tools = { world, operator, publishes, random, lane, check };
  while (world.isOpen()) {
    let device = await createDevice(tools);
    while (device !== undefined && world.isOpen()) {
      await delay(random.between(...pauseMs));
      const { asker } = device;
      device = await whileHot(world, asker, async () => {
        await delay(random.between(...warmUpMs));
        const next = random.chance(0.6)
          ? await disableAndEnable(tools, device as Device)
          : await rotate(tools, device as Device);
        if (next?.asker !== asker) end(tools, asker);
        return next;
      });
    }
    await delay(retryMs);
  }
  lane.close();
  check.lane.close();
}

function end({ world }: DeviceTools, asker: Asker): void {
  asker.endedMs = performance.now();
  world.askers.delete(asker);
}

async function createDevice(tools: DeviceTools): Promise<Device | undefined> {
  const { world, operator, lane } = tools;
  const id = `d${randomBytes(6).toString('hex')}`;
  const startMs = performance.now();
  const answer = await operator.ask(lane, 'POST', '/devices', { id, label: 'Device' });
  if (answer?.status !== 201) return undefined;
  const state = world.history.addRegister(`device ${id}`);
  settle(world.history.addChange(state, { allows: true, startMs, label: 'create' }), performance.now());
  return showKey(tools, { id, state, generation: 1 }, dataOf<{ key: string }>(answer).key);
}

async function disableAndEnable(
  { world, operator, lane }: DeviceTools,
  device: Device,
): Promise<Device | undefined> {
  const { id, state } = device;
  const disabled = await repeat(world, async () => {
    const ending = beginEnding(world, [state], 'disable device');
    const answer = await operator.ask(lane, 'POST', `/devices/${id}/disable`, {});
    if (answer?.status !== 200) return answer;
    ending.done();
    world.probe(device.asker);
    return answer;
  });
  if (!disabled) return undefined;
  count(world, 'revocation: disable device');
  await delay(5);
  const startMs = performance.now();
  const enabling = world.history.addChange(state, { allows: true, startMs, label: 'enable device' });
  const answer = await operator.ask(lane, 'POST', `/devices/${id}/enable`, {});
  // A call of unknown fate may still enable it: nothing more can be proved about this device.
  if (outcomeOf(answer?.status) !== 'granted') return undefined;
  settle(enabling, performance.now());
  return disabled === 'at once' ? device : undefined;
}

async function rotate(tools: DeviceTools, device: Device): Promise<Device | undefined> {
  const { world, operator, lane } = tools;
  const { id, state, key, generation } = device;
  let password = '';
  const rotated = await repeat(world, async () => {
    const ending = beginEnding(world, [key], 'new device key');
    const answer = await operator.ask(lane, 'POST', `/devices/${id}/rotate-key`, {});
    if (answer?.status !== 200) return answer;
    ending.done();
    world.probe(device.asker);
    password = dataOf<{ key: string }>(answer).key;
    return answer;
  });
  if (!rotated) return undefined;
  count(world, 'revocation: new device key');
  // An earlier try of unknown fate may still void the key that this one gave.
  return rotated === 'at once'
    ? showKey(tools, { id, state, generation: generation + 1 }, password)
    : undefined;
}

/** Makes a call until it is answered with yes. */
async function repeat(
  world: World,
  call: () => Promise<HttpAnswer | undefined>,
): Promise<'at once' | 'later' | undefined> {
  for (let tries = 0; tries < 300 && world.isOpen(); tries += 1) {
    if (outcomeOf((await call())?.status) === 'granted') return tries === 0 ? 'at once' : 'later';
    await delay(retryMs);
  }
  return undefined;
}
