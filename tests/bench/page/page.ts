import { conditions } from '../conditions.ts';
import { figure, times } from '../figures.ts';
import { names } from '../systems/names.ts';
import { table } from './blocks.ts';
import { revokeTable, stormTable } from './own-tables.ts';
import { bystanders, targetsTable } from './targets.ts';
import { findResult, rateRatio, type SavedReport } from './saved-report.ts';
import {
  errorsText,
  figuresTable,
  machineTable,
  plainTables,
  productSystems,
  publishCases,
  rateTable,
  timeTable,
} from './tables.ts';

const publishRows = publishCases.map(({ window, count, label }) => ({
  label,
  condition: conditions.publish(window, count),
}));
const connectRows = [
  { label: 'tokens seen before', condition: conditions.reconnect },
  { label: 'a new token each time', condition: conditions.connect },
];
const checkSystems = ['bare Fastify', ...productSystems];
const checkRows = [1, 16].map((count) => ({
  label: `${count} connection${count > 1 ? 's' : ''}`,
  condition: conditions.check(count),
}));

/** What docs/performance.md holds of a run, by the names of its places. */
export function pageBlocks(report: SavedReport): Record<string, string> {
  return {
    targets: targetsTable(report),
    publish: rateTable(report, publishRows),
    'publish-times': timeTable(report, publishRows, { part: 'p99Ms' }),
    nodelay: plainTables(report, ['nodelay']),
    checks: [
      rateTable(report, checkRows, checkSystems),
      timeTable(report, checkRows, { systems: checkSystems, part: 'p50Ms' }),
    ].join('\n\n'),
    connects: rateTable(report, connectRows),
    storm: [stormTable(report), figuresTable(report, ['storm'])].join('\n\n'),
    revoke: revokeTable(report),
    memory: figuresTable(report, ['sessions']),
    others: plainTables(report, ['refresh', 'logins', 'sessions', 'enumeration']),
    errors: errorsText(report),
    machine: machineTable(report),
    'not-shown': report.notShown.map((sentence) => `- ${sentence}`).join('\n'),
  };
}

/** What the README holds of a run. */
export function readmeBlocks(report: SavedReport): Record<string, string> {
  return { summary: summaryTable(report) };
}

function summaryTable(report: SavedReport): string {
  const rate = (condition: string) =>
    productSystems.map((system) => times(rateRatio(report, condition, [system, names.noAuth])));
  const both = (condition: string) =>
    productSystems.map((system) => {
      const result = findResult(report, condition, system);
      return `${figure(result?.p50Ms)} / ${figure(result?.p99Ms)} ms`;
    });
  return table(
    ['', 'no cache', 'near cache', 'decision cache'],
    [
      ['QoS 1 publish, window 1, of no auth', ...rate(conditions.publish(1, 0))],
      ['the same, 50 subscribers', ...rate(conditions.publish(1, 50))],
      ['the same, 500 subscribers', ...rate(conditions.publish(1, 500))],
      ['connects/s with tokens seen before, of no auth', ...rate(conditions.reconnect)],
      ['revoke call at rest, p50 / p99', ...both(conditions.revokeAtRest)],
      ["revoke call → victim's socket closed, p50 / p99", ...both(conditions.closeAtRest)],
      ['the same, 20,000 checks/s asked for', ...both(conditions.closeUnderLoad)],
      [
        "bystanders' p99 in a storm of 5,000 connects / at rest",
        ...productSystems.map((system) => times(bystanders(report, system))),
      ],
    ],
  );
}
