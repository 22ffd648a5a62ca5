import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../support/random.ts';
import { addAccount, signIn } from './accounts.ts';
import { runClient } from './client.ts';
import { openSessionLane } from './lane.ts';
import type { Publishes } from './publishes.ts';
import { isSession } from './renewers.ts';
import type { World } from './world.ts';

/** How many of each there are, as long as nothing is broken. */
export interface Crowd {
  readonly accounts: number;
  readonly sessions: number;
  readonly clients: number;
}

const whenEnoughMs = 10;

/** Signs in people: for each session that ends another one begins. */
export async function keepSessions(world: World, crowd: Crowd, random: Random): Promise<void> {
  const lane = openSessionLane(world);
  while (world.isOpen()) {
    if (world.accounts.length < crowd.accounts) {
      if (!(await addAccount(world, lane))) await delay(whenEnoughMs);
      continue;
    }
    if (world.askers.size >= crowd.sessions) {
      await delay(whenEnoughMs);
      continue;
    }
    const session = await signIn(world, lane, random.pick(world.accounts));
    if (session) world.askers.add(session);
  }
  lane.close();
}

/** Gives sessions MQTT clients, which end with them. */
export async function keepClients(
  world: World,
  { clients }: Crowd,
  { publishes, random }: { publishes: Publishes; random: Random },
): Promise<void> {
  const running = new Set<Promise<void>>();
  while (world.isOpen()) {
    const idle = [...world.askers].find((asker) => isSession(asker) && !asker.hasClient);
    if (running.size >= clients || idle === undefined) {
      await delay(whenEnoughMs);
      continue;
    }
    const client = runClient(world, { asker: idle, suffix: 'm', random: random.fork() }, publishes);
    running.add(client);
    void client.finally(() => running.delete(client));
  }
  await Promise.all(running);
}
