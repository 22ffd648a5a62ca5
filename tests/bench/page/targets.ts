import { conditions } from '../conditions.ts';
import { figure, isNumber, times } from '../figures.ts';
import { ratio } from '../statistics.ts';
import { names } from '../systems/names.ts';
import { table } from './blocks.ts';
import { findResult, rateRatio, type SavedReport } from './saved-report.ts';

/** Something to reach, what was reached, and what holds it back. */
export interface Target {
  what: string;
  /** In words: at least or at most how much. */
  goal: { least: number } | { most: number };
  unit: '×' | 'ms';
  /** Undefined if the run did not measure it. */
  reach(report: SavedReport): number | undefined;
  /** What limits it, whether or not it is reached. */
  limit: string;
}

const { decisionCache, nearCache, noAuth, bareFastify, bednet } = names;
const { closeAtRest, closeUnderLoad, revokeAtRest, reconnect, connect } = conditions;

const fewDeliveries = "the broker's own work; one look-up in memory a check";
const manyDeliveries = 'one look-up in memory a delivery, beside one small packet that the broker writes';

/** The targets of the project, in the order in which the page shows them. */
export const targets: readonly Target[] = [
  ...[1, 20].flatMap((window) => [
    publishTarget(window, 0, { least: 0.97 }),
    publishTarget(window, 5, { least: 0.97 }),
    publishTarget(window, 50, { least: 0.9 }),
    publishTarget(window, 500, { least: 0.9 }),
  ]),
  ...[0, 5, 50, 500].map((count): Target => ({
    what: `near cache / plugin → bare Fastify, window 1, ${count} subscribers`,
    goal: { least: 0.95 },
    unit: '×',
    reach: (report) => rateRatio(report, conditions.publish(1, count), [nearCache, bareFastify]),
    limit: 'the same HTTP call and its two system calls: plain checks pass a lane before the reading of HTTP',
  })),
  connectTarget(reconnect, 'reading the session, and writing in batches that its client is connected'),
  connectTarget(connect, 'verifying an Ed25519 signature takes longer than the goal leaves'),
  {
    what: 'webhook alone, near cache / bare Fastify, 1 connection, p50',
    goal: { most: 1.1 },
    unit: '×',
    reach: (report) => timeRatio(report, conditions.check(1), [nearCache, 'bare Fastify']),
    limit: 'the write to the socket is more than half of a check that is answered from memory',
  },
  ...[bednet, nearCache, decisionCache].flatMap((system): Target[] => [
    {
      what: `revoke call, at rest, p99: ${system}`,
      goal: { most: 5 },
      unit: 'ms',
      reach: (report) => findResult(report, revokeAtRest, system)?.p99Ms,
      limit:
        'one write that is on disk, then the acknowledgement, written too, of each webhook that has a lease',
    },
    {
      what: `revoke → closed, at rest, p99: ${system}`,
      goal: { most: 10 },
      unit: 'ms',
      reach: (report) => findResult(report, closeAtRest, system)?.p99Ms,
      limit:
        'the same, then a ticket and its use, which are on disk too, and the CONNECT that takes the client id over',
    },
  ]),
  {
    what: `revoke → closed, 20,000 checks/s asked for, p99: ${decisionCache}`,
    goal: { most: 20 },
    unit: 'ms',
    reach: (report) => findResult(report, closeUnderLoad, decisionCache)?.p99Ms,
    limit: 'broker, load and services share two cores',
  },
  ...[bednet, nearCache, decisionCache].map((system): Target => ({
    what: `bystanders' p99, storm / at rest: ${system}`,
    goal: { most: 3 },
    unit: '×',
    reach: (report) => bystanders(report, system),
    limit: "up to 100 sign-ins are before a publish in the queue of the broker's one thread",
  })),
];

/** All targets with what was reached, as a table. */
export function targetsTable(report: SavedReport): string {
  return table(
    ['target', 'goal', 'reached', '', 'what limits it'],
    targets.map((target) => {
      const value = target.reach(report);
      const verdict = isNumber(value) ? (isReached(target, value) ? 'yes' : '**no**') : '–';
      return [target.what, goalText(target), valueText(target, value), verdict, target.limit];
    }),
  );
}

/** Whether a value is as good as the goal. */
export function isReached({ goal }: Pick<Target, 'goal'>, value: number): boolean {
  return 'least' in goal ? value >= goal.least : value <= goal.most;
}

/** The storm's p99 of those who only publish, to theirs at rest. */
export function bystanders(report: SavedReport, system: string): number | undefined {
  return ratio(
    findResult(report, conditions.bystandersInStorm, system)?.p99Ms,
    findResult(report, conditions.bystandersAtRest, system)?.p99Ms,
  );
}

function publishTarget(window: number, count: number, goal: Target['goal']): Target {
  return {
    what: `decision cache / no auth, window ${window}, ${count} subscribers`,
    goal,
    unit: '×',
    reach: (report) => rateRatio(report, conditions.publish(window, count), [decisionCache, noAuth]),
    limit: count > 5 ? manyDeliveries : fewDeliveries,
  };
}

function connectTarget(condition: string, limit: string): Target {
  return {
    what: `near cache / plugin → bare Fastify, ${condition}`,
    goal: { least: 0.8 },
    unit: '×',
    reach: (report) => rateRatio(report, condition, [nearCache, bareFastify]),
    limit,
  };
}

function timeRatio(
  report: SavedReport,
  condition: string,
  [system, base]: readonly [string, string],
): number | undefined {
  return ratio(findResult(report, condition, system)?.p50Ms, findResult(report, condition, base)?.p50Ms);
}

function goalText({ goal, unit }: Target): string {
  const [sign, value] = 'least' in goal ? ['≥', goal.least] : ['≤', goal.most];
  return unit === 'ms' ? `${sign} ${value} ms` : `${sign} ${value}`;
}

function valueText({ unit }: Target, value: number | undefined): string {
  return unit === 'ms' ? `${figure(value)} ms` : times(value);
}
