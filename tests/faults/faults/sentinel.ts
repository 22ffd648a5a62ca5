import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.ts';

const missing: NonNullable<Fault['missing']> = ({ sentinel }) =>
  sentinel ? undefined : 'one Redis without Sentinels (REDIS=sentinel has them)';

const restMs = 5_000;

/** Sentinels take a primary for lost after 0.5 s. */
const lostMs = [1_500, 3_000] as const;

/** The primary is lost and a replica takes its place; the old one comes back as a replica. */
export const sentinelFaults: readonly Fault[] = [
  {
    name: 'lose the primary',
    missing,
    restMs,
    async inject({ sentinel }, random, tell) {
      if (sentinel === undefined) return;
      const old = await sentinel.primary();
      tell(`the primary ${old.name} is killed, and started again after the fail-over`);
      await old.kill();
      await sentinel.untilPromoted(old);
      await delay(random.between(0, 500));
      await old.start();
      await sentinel.untilReplicated();
    },
  },
  {
    name: 'freeze the primary',
    missing,
    restMs,
    async inject({ sentinel }, random, tell) {
      if (sentinel === undefined) return;
      const old = await sentinel.primary();
      const pauseMs = random.between(...lostMs);
      tell(`the primary ${old.name} stands still for ${pauseMs.toFixed()} ms and a fail-over`);
      old.pause();
      await Promise.all([delay(pauseMs), sentinel.untilPromoted(old)]);
      old.resume();
      await sentinel.untilReplicated();
    },
  },
];
