import { setTimeout as delay } from 'node:timers/promises';
import type { Id } from '../history/history.ts';
import type { Random } from '../../support/random.ts';
import type { Host } from '../stage/stage.ts';
import { askUser } from './ask.ts';
import { runClient } from './client.ts';
import type { Lane } from './lane.ts';
import type { Operator } from './operator.ts';
import type { Publishes } from './publishes.ts';
import type { Asker, World } from './world.ts';

/** A device as it is until its key changes. */
export interface Device {
  readonly id: string;
  readonly state: Id;
  readonly key: Id;
  readonly generation: number;
  readonly asker: Asker;
}

/** What a device actor works with. */
export interface DeviceTools {
  world: World;
  operator: Operator;
  publishes: Publishes;
  random: Random;
  lane: Lane;
  /** To the webhook service of a host, where new keys are shown first. */
  check: { lane: Lane; host: Host };
}

const retryMs = 20;
const mostTries = 200;

/** A device with its next key; it counts once a webhook service has seen it. */
export async function showKey(
  tools: DeviceTools,
  { id, state, generation }: Pick<Device, 'id' | 'state' | 'generation'>,
  password: string,
): Promise<Device | undefined> {
  const { world, publishes, random, check } = tools;
  const { history } = world;
  const key = history.addRegister(`key ${generation} of device ${id}`);
  const asker: Asker = {
    credential: history.addCredential(`device ${id} with key ${generation}`, [state, key]),
    username: `d:${id}`,
    clientId: id,
    // Connections of another key have other client ids: whose key is void goes by them.
    separator: `.${generation}`,
    password,
    ...{ endedMs: Infinity, hasClient: false },
  };
  for (let tries = 0; (await askUser(world, check, asker)) !== 'granted'; tries += 1) {
    if (!world.isOpen() || tries > mostTries) return undefined;
    await delay(retryMs);
  }
  world.askers.add(asker);
  void runClient(world, { asker, suffix: 'm', random: random.fork() }, publishes);
  return { ...{ id, state, generation, key }, asker };
}
