import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../support/random.ts';
import type { Host } from '../stage/stage.ts';
import { askAcl, askUser } from './ask.ts';
import { openLane } from './lane.ts';
import type { Asker, World } from './world.ts';

const hotShare = 0.3;
const userShare = 0.02;
/** Others have to get a turn: the service is not to be measured. */
const pauseMs = 1;
const whenNobodyMs = 5;
const readAgainMs = 50;

/** Asks one webhook service again and again, half of the time about somebody whose rights are just being ended. */
export async function runChecker(world: World, host: Host, random: Random): Promise<void> {
  const lane = openLane(host.webhookPort);
  let askers: Asker[] = [];
  let readMs = -Infinity;
  while (world.isOpen()) {
    if (performance.now() - readMs > readAgainMs) {
      askers = [...world.askers];
      readMs = performance.now();
    }
    const asker = pickAsker(world, askers, random);
    if (asker === undefined) {
      await delay(whenNobodyMs);
      readMs = -Infinity;
      continue;
    }
    if (random.chance(userShare)) await askUser(world, { lane, host }, asker);
    else await askAcl(world, { lane, host }, { asker, topic: random.pick(world.topics), random });
    await delay(pauseMs);
  }
  lane.close();
}

function pickAsker({ hot }: World, askers: readonly Asker[], random: Random): Asker | undefined {
  if (hot.length > 0 && random.chance(hotShare)) return random.pick(hot);
  return askers.length > 0 ? random.pick(askers) : undefined;
}
