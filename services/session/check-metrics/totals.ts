import type { Sample } from './parse-metrics.ts';

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>;

/** What webhook services have counted, or what came to it in a while. */
export interface Totals {
  granted: number;
  /** By denial reason. */
  denied: Counts;
  /** Answered checks by the least bound in ms that was not exceeded; `inf` = more than all bounds. */
  checks: Counts;
  /** Closed connections by the time since their revocation or lapse, likewise. */
  closed: Counts;
}

/** As many reasons as there are in the metrics of one service, and no more. */
const mostNames = 64;

/** Picks what is shown out of the metrics of one webhook service. Throws a SyntaxError if they are not those of one. */
export function totalsOf(samples: readonly Sample[]): Totals {
  const named = (wanted: string) => samples.filter(({ name }) => name === wanted).map(assertCount);
  const buckets = (name: string) => named(`${name}_bucket`);
  const checks = named('bednet_checks_total');
  const isGranted = ({ labels }: Sample) => labels['reason'] === 'none';
  const closed = buckets('bednet_kick_delay_milliseconds');
  if (closed.length === 0) throw new SyntaxError('these are not the metrics of a webhook service');
  return {
    granted: sum(checks.filter(isGranted)),
    denied: addUp(
      checks.filter((sample) => !isGranted(sample)).map((s) => [s.labels['reason'] ?? '', s.value]),
    ),
    checks: bucketsOf(buckets('bednet_check_duration_seconds'), 1000),
    closed: bucketsOf(closed, 1),
  };
}

/** What came from `before` to `after`. A smaller count means that the service has begun anew. */
export function differenceOf(before: Totals, after: Totals): Totals {
  const isNew = after.granted < before.granted;
  const base = isNew ? nothing : before;
  return {
    granted: after.granted - base.granted,
    denied: subtract(after.denied, base.denied),
    checks: subtract(after.checks, base.checks),
    closed: subtract(after.closed, base.closed),
  };
}

/** The counts of several services together. */
export function together(all: readonly Totals[]): Totals {
  const entriesOf = (pick: (totals: Totals) => Counts) =>
    all.flatMap((totals) => Object.entries(pick(totals)));
  return {
    granted: all.reduce((total, { granted }) => total + granted, 0),
    denied: addUp(entriesOf(({ denied }) => denied)),
    checks: addUp(entriesOf(({ checks }) => checks)),
    closed: addUp(entriesOf(({ closed }) => closed)),
  };
}

function assertCount(sample: Sample): Sample {
  if (Number.isSafeInteger(sample.value) && sample.value >= 0) return sample;
  throw new SyntaxError(`${sample.name} is not a count`);
}

const nothing: Totals = { granted: 0, denied: {}, checks: {}, closed: {} };

/** A histogram's counts without those of the smaller bounds, which Prometheus adds in; over all other labels. */
function bucketsOf(samples: readonly Sample[], msPerUnit: number): Counts {
  const bounds = addUp(samples.map(({ labels, value }) => [labels['le'] ?? '', value]));
  const rising = Object.entries(bounds)
    .map(([le, count]) => ({ bound: Number(le.replace('+Inf', 'Infinity')) * msPerUnit, count }))
    .sort((a, b) => a.bound - b.bound);
  return Object.fromEntries(
    rising.map(({ bound, count }, index) => [nameOf(bound), count - (rising[index - 1]?.count ?? 0)]),
  );
}

/** Seconds times 1000 leave crumbs: 0.0001 s is 0.1 ms. */
function nameOf(boundMs: number): string {
  return boundMs === Infinity ? 'inf' : String(Number(boundMs.toPrecision(6)));
}

function addUp(entries: readonly (readonly [string, number])[]): Counts {
  const counts = new Map<string, number>();
  for (const [name, count] of entries) {
    const known = counts.has(name) || counts.size < mostNames ? name : 'other';
    counts.set(known, (counts.get(known) ?? 0) + count);
  }
  return Object.fromEntries(counts);
}

function subtract(after: Counts, before: Counts): Counts {
  const rest = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(rest.filter(([, count]) => count > 0));
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
