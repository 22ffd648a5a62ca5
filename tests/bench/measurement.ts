import { addCounts, median, percentile } from './statistics.ts';

/** What one system did in one round. */
export interface Measurement {
  /** Operations that succeeded. */
  count: number;
  /** NaN where a rate would say nothing. */
  seconds: number;
  /** Time of each operation that succeeded, in ms. */
  latenciesMs: number[];
  /** How many operations failed, by kind. */
  errors: Record<string, number>;
  /** Share of the time in which the load generator itself was at work: near 1, it is what limits the rate. */
  generatorBusy: number;
}

/** How long and how often one round may go on at most. */
export interface Limits {
  durationMs: number;
  maxCount: number;
}

/** One of the systems that a group compares; `measure` is one round. */
export interface Contender {
  system: string;
  measure(limits: Limits): Promise<Measurement>;
}

/** One system's rounds, summed up. The rate is the median of the rounds; the percentiles are over all of them. */
export interface Result {
  system: string;
  perSecond: number;
  roundsPerSecond: number[];
  p50Ms: number;
  p99Ms: number;
  count: number;
  errors: Record<string, number>;
  generatorBusy: number;
}

/** A measured number that is neither a rate nor a time. */
export interface Figure {
  name: string;
  value: number;
}

/** Systems under one condition, side by side; the first is the base of the ratios. */
export interface Group {
  row: string;
  condition: string;
  results: Result[];
  figures?: Figure[];
}

/** How often each system is measured, and for how long. */
export interface RoundSettings {
  rounds: number;
  warmUpMs: number;
  durationMs: number;
  maxCount: number;
}

/**
 * Measures in turns, A B C A B C, so that a slow moment of the machine meets all alike; each warms up once before,
 * unless there is no time to.
 */
export async function measureInTurns(
  contenders: readonly Contender[],
  settings: RoundSettings,
): Promise<Result[]> {
  const { rounds, warmUpMs, durationMs, maxCount } = settings;
  const warmUps: Measurement[] = [];
  for (const { measure } of warmUpMs > 0 ? contenders : [])
    warmUps.push(await measure({ durationMs: warmUpMs, maxCount }));

  const measured = contenders.map((): Measurement[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, { measure }] of contenders.entries()) {
      measured[index]?.push(await measure({ durationMs, maxCount }));
    }
  }
  return contenders.map(({ system }, index) => sumUp(system, measured[index] ?? [], warmUps[index]));
}

/** Sums one system's rounds up. What the warm-up did is no result, but its failures are shown as well. */
export function sumUp(system: string, rounds: readonly Measurement[], warmUp?: Measurement): Result {
  const latenciesMs = rounds.flatMap((round) => round.latenciesMs);
  const roundsPerSecond = rounds.map((round) => round.count / round.seconds);
  return {
    system,
    perSecond: median(roundsPerSecond),
    roundsPerSecond,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    count: rounds.reduce((sum, round) => sum + round.count, 0),
    errors: addCounts([...rounds, ...(warmUp ? [warmUp] : [])].map((round) => round.errors)),
    generatorBusy: median(rounds.map((round) => round.generatorBusy)),
  };
}
