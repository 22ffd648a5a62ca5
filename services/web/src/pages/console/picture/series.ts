import type { MetricsPoint } from '../../../../../contract/admin-metrics.ts';

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>;

/** What happened in a stretch of time. */
export interface Sums {
  seconds: number;
  granted: number;
  denied: Counts;
  checks: Counts;
  closed: Counts;
}

/** What happened at all points together. */
export function sumOf(points: readonly MetricsPoint[]): Sums {
  return {
    seconds: points.reduce((sum, { seconds }) => sum + seconds, 0),
    granted: points.reduce((sum, { granted }) => sum + granted, 0),
    denied: addUp(points.map(({ denied }) => denied)),
    checks: addUp(points.map(({ checks }) => checks)),
    closed: addUp(points.map(({ closed }) => closed)),
  };
}

/** All of some counts. */
export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The most frequent names first. */
export function rank(counts: Counts): [name: string, count: number][] {
  return Object.entries(counts).sort(([a, most], [b, least]) => least - most || a.localeCompare(b));
}

/**
 * The value in ms that a share of the counted ones does not exceed, drawn straight between the bounds of its bucket;
 * undefined if nothing was counted. Above the last bound it is that bound.
 */
export function percentileMs(counts: Counts, share: number): number | undefined {
  const buckets = bucketsOf(counts);
  const wanted = totalOf(counts) * share;
  let below = 0;
  let lowerMs = 0;
  for (const { boundMs, count } of buckets) {
    if (count > 0 && below + count >= wanted) {
      return boundMs === Infinity ? lowerMs : lowerMs + (boundMs - lowerMs) * ((wanted - below) / count);
    }
    below += count;
    if (boundMs !== Infinity) lowerMs = boundMs;
  }
  return undefined;
}

/** The bound in ms that nothing counted has exceeded; Infinity if something was above all bounds. */
export function mostMs(counts: Counts): number | undefined {
  return bucketsOf(counts).findLast(({ count }) => count > 0)?.boundMs;
}

/** Buckets by their upper bounds, `inf` as Infinity. */
export function bucketsOf(counts: Counts): { boundMs: number; count: number }[] {
  return Object.entries(counts)
    .map(([bound, count]) => ({ boundMs: bound === 'inf' ? Infinity : Number(bound), count }))
    .sort((a, b) => a.boundMs - b.boundMs);
}

/** The points of each whole minute, the newest first. */
export function minutesOf(points: readonly MetricsPoint[]): { atMs: number; sums: Sums }[] {
  const minutes = Map.groupBy(points, ({ at }) => Math.floor(at / 60_000) * 60_000);
  return [...minutes].map(([atMs, own]) => ({ atMs, sums: sumOf(own) })).reverse();
}

function addUp(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
