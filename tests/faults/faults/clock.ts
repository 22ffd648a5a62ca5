import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';

/** libfaketime reads the file again after a second. */
const noticedMs = 1_200;

/** Steps of the wall clock of one webhook service, there and back again. */
export const clockFaults: readonly Fault[] = [
  {
    name: 'step a clock',
    missing: ({ clock }) => (clock ? undefined : 'libfaketime is not installed: apt-get install libfaketime'),
    async inject({ clock, hosts }, random, tell) {
      const offsetSeconds = random.pick([-3_600, -30, -2, 2, 30, 3_600]);
      tell(`the clock of the webhook of ${hosts.at(-1)?.name} is off by ${offsetSeconds} s`);
      clock?.set(offsetSeconds);
      await delay(noticedMs);
      clock?.set(0);
      await delay(noticedMs);
    },
  },
];
