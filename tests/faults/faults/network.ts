import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** What can happen to the links between the services and Redis, and between brokers and webhook services. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'reset a link',
    async inject({ links }, random, tell) {
      const link = random.pick(links);
      tell(`all connections of ${link.name} are reset`);
      link.cut();
    },
  },
  {
    name: 'cut a link',
    async inject({ links }, random, tell) {
      const link = random.pick(links);
      const cutMs = random.between(100, 2_500);
      tell(`nothing passes from ${link.name} for ${cutMs.toFixed()} ms`);
      link.hold();
      await delay(cutMs);
      link.release();
    },
  },
  {
    name: 'slow a link',
    async inject({ links }, random, tell) {
      const link = random.pick(links);
      const delayMs = random.between(2, 150);
      tell(`all from ${link.name} takes ${delayMs.toFixed()} ms longer each way`);
      link.slow(delayMs);
      await delay(random.between(500, 2_000));
      link.release();
    },
  },
];
