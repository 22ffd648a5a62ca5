import { figure, times } from './figures.ts';
import type { Group, Result } from './measurement.ts';
import { ratio } from './statistics.ts';

/** What a reader might take the figures for, though they don't show it. */
export const notShown: readonly string[] = [
  'Absolute figures of another machine: the load generator, the broker, the services and Redis share these cores. Only ratios of one run compare.',
  'A network: everything is on the loopback address, without TLS and without WebSocket.',
  'Large rule sets, long topics, large payloads: each row uses the default rules and messages of 64 bytes.',
  'Hours: no row lasts longer than minutes, and nothing is restarted or fails meanwhile.',
  'Replicas, Redis Cluster, several services or several brokers on one Redis.',
  'Other brokers, and other plugins than dynamic security.',
];

const columns = [
  'system',
  'per s',
  'ratio',
  'min–max',
  'p50 ms',
  'ratio',
  'p99 ms',
  'ratio',
  'errors',
] as const;
const systemWidth = 30;
const columnWidth = 9;
const rangeWidth = 17;
const figureWidth = 52;

/** From this share of its time on, the load generator is what limits the rate. */
const busyLimit = 0.9;

/** The groups as tables, with each failure by name, and what the figures don't show. */
export function renderReport(groups: readonly Group[]): string {
  const tables = groups.map(renderGroup);
  const hints = [
    'ratio: to the first line of each block. per s: median of the rounds; p50, p99: over all rounds.',
    ...(groups.some(({ results }) => results.some(isGeneratorBound))
      ? ['*: the load generator was at its own limit, so the system may be faster than shown.']
      : []),
    'Not shown:',
    ...notShown.map((sentence) => `- ${sentence}`),
  ];
  return [...tables, hints.join('\n')].join('\n\n');
}

/** How many operations failed in all groups. */
export function countErrors(groups: readonly Group[]): number {
  return groups.flatMap(({ results }) => results).reduce((sum, result) => sum + errorsOf(result), 0);
}

function renderGroup({ condition, results, figures = [] }: Group): string {
  const [base] = results;
  const rows = results.map((result) => renderResult(result, base));
  const failures = results.flatMap(({ system, errors }) =>
    Object.entries(errors).map(([kind, count]) => `  ! ${system}: ${count} × ${kind}`),
  );
  const told = figures.map(({ name, value }) => `  ${name.padEnd(figureWidth)}${figure(value).padStart(9)}`);
  return [condition, align([...columns]), ...rows, ...failures, ...told].join('\n');
}

function renderResult(result: Result, base: Result | undefined): string {
  const rounds = result.roundsPerSecond.filter(Number.isFinite);
  return align([
    result.system,
    `${figure(result.perSecond)}${isGeneratorBound(result) ? '*' : ''}`,
    times(ratio(result.perSecond, base?.perSecond)),
    rounds.length > 0 ? `${figure(Math.min(...rounds))}–${figure(Math.max(...rounds))}` : '–',
    figure(result.p50Ms),
    times(ratio(result.p50Ms, base?.p50Ms)),
    figure(result.p99Ms),
    times(ratio(result.p99Ms, base?.p99Ms)),
    String(errorsOf(result)),
  ]);
}

function align([system = '', ...cells]: string[]): string {
  const padded = cells.map((cell, index) => cell.padStart(index === 2 ? rangeWidth : columnWidth));
  return `  ${system.padEnd(systemWidth)}${padded.join('')}`;
}

/** Whether the load generator was what limited a rate. */
export function isGeneratorBound({ generatorBusy }: Result): boolean {
  return generatorBusy >= busyLimit;
}

/** How many operations of a system failed. */
export function errorsOf({ errors }: Result): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}
