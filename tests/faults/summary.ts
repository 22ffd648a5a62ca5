import { explain } from './history/explain.ts';
import type { Violation } from './history/judge.ts';
import type { Run } from './run.ts';

const mostExplained = 5;

/** How many of each: checks by kind and outcome, and what was counted by name. */
export function countChecks({ history }: Pick<Run, 'history'>): Map<string, Map<string, number>> {
  const table = new Map<string, Map<string, number>>();
  for (const { kind, outcome } of history.checks.all()) {
    const row = table.get(kind) ?? new Map<string, number>();
    row.set(outcome, (row.get(outcome) ?? 0) + 1);
    table.set(kind, row);
  }
  return table;
}

/** Everything worth printing after a run. */
export function summarize(run: Run, violations: readonly Violation[], seconds: number): string {
  const { history, counts } = run;
  const checks = [...countChecks(run)].map(
    ([kind, row]) =>
      `  ${kind.padEnd(16)}${[...row].map(([outcome, times]) => ` ${outcome} ${times}`).join(',')}`,
  );
  const named = [...counts].sort().map(([name, times]) => `  ${name}: ${times}`);
  const explained = violations.slice(0, mostExplained).map((violation) => explain(history, violation));
  return [
    `${history.checks.count()} checks, ${total(counts, 'revocation: ')} revocations, ` +
      `${total(counts, 'fault: ')} faults in ${seconds.toFixed()} s`,
    ...checks,
    ...named,
    `${violations.length} violations`,
    ...explained,
  ].join('\n');
}

function total(counts: ReadonlyMap<string, number>, prefix: string): number {
  return [...counts].reduce((sum, [name, times]) => (name.startsWith(prefix) ? sum + times : sum), 0);
}
