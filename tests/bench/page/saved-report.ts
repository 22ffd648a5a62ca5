import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Group, Result, RoundSettings } from '../measurement.ts';
import { ratio } from '../statistics.ts';

/** What a run of the benchmark saved. */
export interface SavedReport {
  startedAt: string;
  seconds: number;
  settings: RoundSettings;
  machine: Record<string, string | number>;
  notShown: string[];
  faults: string[];
  groups: Group[];
}

/** Reads one saved run. JSON has null for what is no number. */
export function readReport(file: string): SavedReport {
  return JSON.parse(readFileSync(file, 'utf8')) as SavedReport;
}

/** The newest saved run in a folder; names are times. Throws an Error if there is none. */
export function findNewest(folder: string): string {
  const newest = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`there is no saved run in ${folder}: make bench`);
  return join(folder, newest);
}

/** The groups of one row; empty if the run had not that row. */
export function groupsOf({ groups }: SavedReport, row: string): Group[] {
  return groups.filter((group) => group.row === row);
}

/** One system under one condition, or undefined if the run had not that. */
export function findResult(report: SavedReport, condition: string, system: string): Result | undefined {
  return report.groups
    .find((group) => group.condition === condition)
    ?.results.find((result) => result.system === system);
}

/** Of two systems under one condition, the rate of the one to that of the other. */
export function rateRatio(
  report: SavedReport,
  condition: string,
  [system, base]: readonly [system: string, base: string],
): number | undefined {
  return ratio(
    findResult(report, condition, system)?.perSecond,
    findResult(report, condition, base)?.perSecond,
  );
}
