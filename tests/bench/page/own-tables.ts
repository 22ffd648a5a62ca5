import { conditions } from '../conditions.ts';
import { figure, times } from '../figures.ts';
import { ratio } from '../statistics.ts';
import { durableWrite } from '../systems/durable-write.ts';
import { table } from './blocks.ts';
import { findResult, type SavedReport } from './saved-report.ts';
import { brokerSystems, productSystems } from './tables.ts';

/** What bystanders of a storm feel, a line for each system. */
export function stormTable(report: SavedReport): string {
  return table(
    [
      '',
      'p50 at rest',
      'p99 at rest',
      'p50 in the storm',
      'p99 in the storm',
      'p99, storm / rest',
      'connects/s',
    ],
    brokerSystems.map((system) => {
      const rest = findResult(report, conditions.bystandersAtRest, system);
      const storm = findResult(report, conditions.bystandersInStorm, system);
      return [
        system,
        ...[rest?.p50Ms, rest?.p99Ms, storm?.p50Ms, storm?.p99Ms].map(figure),
        times(ratio(storm?.p99Ms, rest?.p99Ms)),
        figure(findResult(report, conditions.storm, system)?.perSecond),
      ];
    }),
  );
}

/**
 * Calls and closed connections at rest and under load, p50 / p99 in ms, a line for each product and one for the floor: the
 * durable write that each revocation needs.
 */
export function revokeTable(report: SavedReport): string {
  const { revokeAtRest, closeAtRest, revokeUnderLoad, closeUnderLoad, revokeLoad } = conditions;
  const both = (condition: string, system: string) => {
    const result = findResult(report, condition, system);
    return result ? `${figure(result.p50Ms)} / ${figure(result.p99Ms)}` : '–';
  };
  return table(
    [
      'p50 / p99, ms',
      'call, at rest',
      'closed, at rest',
      'call, under load',
      'closed, under load',
      'checks/s',
    ],
    [durableWrite, ...productSystems].map((system) => [
      system,
      ...[revokeAtRest, closeAtRest, revokeUnderLoad, closeUnderLoad].map((each) => both(each, system)),
      figure(findResult(report, revokeLoad, system)?.perSecond),
    ]),
  );
}
