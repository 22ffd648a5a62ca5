import { ok, warn, type Finding } from './finding.ts';

const longestDifferenceMs = 2000;

/** The clock of Redis, and this machine's just before and just after it was asked. */
export interface ClockReading {
  redisMs: number;
  beforeMs: number;
  afterMs: number;
}

/** Whether Redis' clock, by which everything is decided, agrees with this machine's. */
export function checkClock({ redisMs, beforeMs, afterMs }: ClockReading): Finding {
  const differenceMs = Math.round(redisMs - (beforeMs + afterMs) / 2);
  const size = `${(Math.abs(differenceMs) / 1000).toFixed(1)} s`;
  if (Math.abs(differenceMs) <= longestDifferenceMs)
    return ok('clock', `Redis and this machine agree on the time (${size} apart).`);
  return warn(
    'clock',
    `Redis' clock is ${size} ${differenceMs > 0 ? 'ahead of' : 'behind'} this machine's.`,
    'Let NTP set both clocks. Decisions go by that of Redis; logs and one-time codes by those of the services.',
  );
}
