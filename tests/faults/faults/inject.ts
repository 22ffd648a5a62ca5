import { setTimeout as delay } from 'node:timers/promises';
import { count, type World } from '../actors/world.ts';
import type { Random } from '../../support/random.ts';
import { clockFaults } from './clock.ts';
import { failOverFaults } from './fail-over.ts';
import type { Fault } from './fault.ts';
import { networkFaults } from './network.ts';
import { processFaults } from './processes.ts';
import { redisFaults } from './redis.ts';

/** All faults that there are. */
export const allFaults: readonly Fault[] = [
  ...processFaults,
  ...networkFaults,
  ...redisFaults,
  ...clockFaults,
  ...failOverFaults,
];

const wholeMs = [200, 1_200] as const;

/** Injects one fault after the other, each kind once before any comes again, with whole times between. */
export async function runFaults(world: World, faults: readonly Fault[], random: Random): Promise<void> {
  let waiting: Fault[] = [];
  while (world.isOpen() && faults.length > 0) {
    await delay(random.between(...wholeMs));
    if (waiting.length === 0) waiting = [...faults];
    const fault = random.pick(waiting);
    waiting.splice(waiting.indexOf(fault), 1);
    await delay(fault.restMs ?? 0);
    if (!world.isOpen()) return;
    await injectOne(world, fault, random);
  }
}

async function injectOne({ stage, history, ...world }: World, fault: Fault, random: Random): Promise<void> {
  const injected = history.addInjected(fault.name, performance.now());
  await fault.inject(stage, random, (what) => void (injected.what = what));
  injected.endMs = performance.now();
  count(world, `fault: ${fault.name}`);
}
