import { figure, isNumber, times } from '../figures.ts';
import type { Result } from '../measurement.ts';
import { errorsOf, isGeneratorBound } from '../report.ts';
import { ratio } from '../statistics.ts';
import { names } from '../systems/names.ts';
import { table } from './blocks.ts';
import { findResult, groupsOf, type SavedReport } from './saved-report.ts';

/** Those that are compared at the broker, the base first. */
export const brokerSystems: readonly string[] = Object.values(names);

/** The product in its three ways of caching. */
export const productSystems = [names.bednet, names.nearCache, names.decisionCache] as const;

/** Windows and subscribers of the publish row, in the order of the page. */
export const publishCases = [1, 20].flatMap((window) =>
  [0, 5, 50, 500].map((count) => ({ window, count, label: `window ${window}, ${count} subscribers` })),
);

const notMeasured = 'Not measured in this run.';

/** Ratios of rates to the base, a line for each condition; the base in operations a second. */
export function rateTable(
  report: SavedReport,
  rows: readonly { label: string; condition: string }[],
  systems: readonly string[] = brokerSystems,
): string {
  const [base = '', ...others] = systems;
  return table(
    ['', `${base}, per s`, ...others],
    rows.map(({ label, condition }) => {
      const baseResult = findResult(report, condition, base);
      const ratios = others.map((system) => {
        const result = findResult(report, condition, system);
        return `${times(ratio(result?.perSecond, baseResult?.perSecond))}${star(result)}`;
      });
      return [label, `${figure(baseResult?.perSecond)}${star(baseResult)}`, ...ratios];
    }),
  );
}

/** One percentile in ms of each system, a line for each condition. */
export function timeTable(
  report: SavedReport,
  rows: readonly { label: string; condition: string }[],
  { systems = brokerSystems, part }: { systems?: readonly string[]; part: 'p50Ms' | 'p99Ms' },
): string {
  return table(
    [part === 'p50Ms' ? 'p50, ms' : 'p99, ms', ...systems],
    rows.map(({ label, condition }) => [
      label,
      ...systems.map((system) => figure(findResult(report, condition, system)?.[part])),
    ]),
  );
}

/** All groups of a row as they are, each system compared with the first of its group. */
export function plainTables(report: SavedReport, rows: readonly string[]): string {
  const groups = rows.flatMap((row) => groupsOf(report, row));
  if (groups.length === 0) return notMeasured;
  const lines = groups.flatMap(({ condition, results }) =>
    results.map((result, index) => [
      index === 0 ? condition : '',
      result.system,
      `${figure(result.perSecond)}${star(result)}`,
      times(ratio(result.perSecond, results[0]?.perSecond)),
      figure(result.p50Ms),
      figure(result.p99Ms),
    ]),
  );
  return table(['', 'system', 'per s', 'ratio', 'p50 ms', 'p99 ms'], lines);
}

/** What was measured beside rates and times in some rows. */
export function figuresTable(report: SavedReport, rows: readonly string[]): string {
  const figures = rows.flatMap((row) => groupsOf(report, row)).flatMap(({ figures: all = [] }) => all);
  if (figures.length === 0) return notMeasured;
  return table(
    ['', ''],
    figures.map(({ name, value }) => [name.trim(), figure(value)]),
  );
}

/** Each failure by name, or that there was none. */
export function errorsText(report: SavedReport): string {
  const failed = report.groups.flatMap(({ condition, results }) =>
    results
      .filter((result) => errorsOf(result) > 0)
      .flatMap(({ system, errors }) =>
        Object.entries(errors).map(([kind, count]) => `- ${condition}, ${system}: ${count} × ${kind}`),
      ),
  );
  const lines = [...failed, ...report.faults.map((fault) => `- ${fault}`)];
  return lines.length === 0 ? 'No operation failed in this run.' : lines.join('\n');
}

/** What was measured on what. */
export function machineTable({ startedAt, seconds, settings, machine }: SavedReport): string {
  const { rounds, durationMs, warmUpMs } = settings;
  const rows = Object.entries(machine).map(([name, value]) => [name, String(value)]);
  return table(
    ['', ''],
    [
      ['measured', `${startedAt.slice(0, 10)}, in ${Math.round(seconds)} s`],
      ['rounds', `${rounds} of ${durationMs} ms each, after ${warmUpMs} ms of warm-up`],
      ...rows.map(([name = '', value = '']) => [name, isNumber(Number(value)) ? figureOf(value) : value]),
    ],
  );
}

function figureOf(value: string): string {
  return /^0x/.test(value) ? value : String(Number(Number(value).toFixed(2)));
}

function star(result: Result | undefined): string {
  return result && isGeneratorBound(result) ? '\\*' : '';
}
