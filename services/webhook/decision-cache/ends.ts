import type { Lease } from '../../core/leases/lease.ts';

/** Moments of Redis' clock, told by the steady clock that all processes of this machine share (CLOCK_MONOTONIC). */
export interface Ends {
  /** The moment in whole ms, or a little earlier; at most an hour ahead. Undefined if it is not ahead. */
  find(redisMs: number): number | undefined;
  /** Redis has answered with its time. True if its clock has run ahead so far that ends which were told come too late. */
  hasRunAhead(redisMs: number): boolean;
}

/** Redis' clock may run ahead of ours by this much before what was told has to be voided. */
const toleranceMs = 50;

const furthestMs = 3_600_000;

/** Makes the translation, by the holder's clock. `nowMs` is replaced in tests. */
export function createEnds(
  { redisNowMs }: Pick<Lease, 'redisNowMs'>,
  nowMs: () => number = () => performance.now(),
): Ends {
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  let lowestOffsetMs = Infinity;

  return {
    find(redisMs) {
      const steadyMs = nowMs();
      const offsetMs = redisNowMs() - steadyMs;
      const endMs = Math.min(redisMs - offsetMs - toleranceMs, steadyMs + furthestMs);
      if (!(endMs > steadyMs)) return undefined;
      lowestOffsetMs = Math.min(lowestOffsetMs, offsetMs);
      return Math.floor(originMs + endMs);
    },
    hasRunAhead(redisMs) {
      const ranAhead = redisMs - nowMs() > lowestOffsetMs + toleranceMs;
      if (ranAhead) lowestOffsetMs = Infinity;
      return ranAhead;
    },
  };
}
