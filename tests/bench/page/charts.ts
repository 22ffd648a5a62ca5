import { conditions } from '../conditions.ts';
import { names } from '../systems/names.ts';
import type { Chart, Series } from './chart.ts';
import { findResult, rateRatio, type SavedReport } from './saved-report.ts';
import { brokerSystems, productSystems, publishCases } from './tables.ts';

const compared = brokerSystems.filter((system) => system !== names.noAuth);
const line = { value: 1, label: names.noAuth };

/** The page's charts by the names of their files, `performance-<name>.svg`. */
export function chartsOf(report: SavedReport): Record<string, Chart> {
  return {
    publish: publishChart(report),
    connects: connectsChart(report),
    storm: stormChart(report),
    revoke: revokeChart(report),
  };
}

function publishChart(report: SavedReport): Chart {
  return {
    title: 'QoS 1 publishes per second, as a share of a broker without auth',
    axis: 'share, logarithmic; further right is faster',
    series: seriesOf(compared),
    rows: publishCases.map(({ window, count, label }) => ({
      label,
      values: compared.map((system) =>
        rateRatio(report, conditions.publish(window, count), [system, names.noAuth]),
      ),
    })),
    line,
  };
}

function connectsChart(report: SavedReport): Chart {
  return {
    title: 'Connects per second, as a share of a broker without auth',
    axis: 'share, logarithmic; further right is faster',
    series: seriesOf(compared),
    rows: [
      { label: 'tokens seen before', condition: conditions.reconnect },
      { label: 'a new token each time', condition: conditions.connect },
      { label: 'storm of 5,000', condition: conditions.storm },
    ].map(({ label, condition }) => ({
      label,
      values: compared.map((system) => rateRatio(report, condition, [system, names.noAuth])),
    })),
    line,
  };
}

function stormChart(report: SavedReport): Chart {
  const { bystandersAtRest, bystandersInStorm } = conditions;
  const p99 = (condition: string) =>
    brokerSystems.map((system) => findResult(report, condition, system)?.p99Ms);
  return {
    title: '99 % of the publishes of 100 bystanders are acknowledged within …',
    axis: 'ms, logarithmic; further left is better',
    series: seriesOf(brokerSystems),
    rows: [
      { label: 'at rest', values: p99(bystandersAtRest) },
      { label: 'while 5,000 clients connect', values: p99(bystandersInStorm) },
    ],
  };
}

function revokeChart(report: SavedReport): Chart {
  const row = (label: string, condition: string, part: 'p50Ms' | 'p99Ms') => ({
    label,
    values: productSystems.map((system) => findResult(report, condition, system)?.[part]),
  });
  return {
    title: 'From a revocation to its answer, and to the closed connection',
    axis: 'ms, logarithmic; further left is better',
    series: seriesOf(productSystems),
    rows: (['p50Ms', 'p99Ms'] as const).flatMap((part) => {
      const percentile = part === 'p50Ms' ? 'p50' : 'p99';
      return [
        row(`answer, at rest, ${percentile}`, conditions.revokeAtRest, part),
        row(`closed, at rest, ${percentile}`, conditions.closeAtRest, part),
        row(`answer, under load, ${percentile}`, conditions.revokeUnderLoad, part),
        row(`closed, under load, ${percentile}`, conditions.closeUnderLoad, part),
      ];
    }),
  };
}

function seriesOf(systems: readonly string[]): Series[] {
  return systems.map((name) => ({ name, style: brokerSystems.indexOf(name) }));
}
