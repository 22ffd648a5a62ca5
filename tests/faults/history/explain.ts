import type { History, Injected } from './history.ts';
import { registersOf, type Violation } from './judge.ts';
import type { Change } from './registers.ts';

/** Changes of a register that are told, the nearest to the check. */
const mostChanges = 6;
const nearMs = 3_000;

/** Tells a violation in a few lines: the operation, what proves it wrong, and what was broken about then. */
export function explain(history: History, violation: Violation): string {
  if (violation.rule === 'two-successors') {
    const lines = violation.answers.map(
      ({ token, successor, ...when }) => `  ${time(when)} ${token} was answered with ${successor}`,
    );
    return [violation.rule, ...lines, ...faultsAbout(history, violation.answers[1].startMs)].join('\n');
  }
  const { rule, check, proofs } = violation;
  const name = history.credentials[check.credential]?.name;
  const topic = check.topic === undefined ? '' : ` on ${history.registers[check.topic]?.name}`;
  return [
    rule,
    `  ${time(check)} ${check.kind} by ${name}${topic}: ${check.outcome} (${check.note})`,
    ...proofs.map(
      ({ register, change }) =>
        `  ${time(change)} ${change.label} of ${history.registers[register]?.name} proves it`,
    ),
    ...registersOf(history, check).flatMap((register) => changesAbout(history, register, check.startMs)),
    ...faultsAbout(history, check.startMs),
  ].join('\n');
}

function changesAbout(history: History, register: number, atMs: number): string[] {
  const { name = '', changes = [] } = history.registers[register] ?? {};
  return [...changes]
    .sort((a, b) => distance(a, atMs) - distance(b, atMs))
    .slice(0, mostChanges)
    .sort((a, b) => a.startMs - b.startMs)
    .map((change) => `    ${name}: ${time(change)} ${change.label}, ${fateOf(change)}`);
}

function fateOf(change: Change): string {
  if (change.refused) return 'refused';
  return change.settled ? 'done' : 'outcome unknown';
}

function faultsAbout({ injected }: History, atMs: number): string[] {
  return injected
    .filter((fault) => distance(fault, atMs) < nearMs)
    .map((fault) => `    ${time(fault)} ${fault.what}`);
}

function distance({ startMs, endMs }: Pick<Injected, 'startMs' | 'endMs'>, atMs: number): number {
  return Math.max(0, startMs - atMs, Math.min(atMs - endMs, Number.MAX_VALUE));
}

function time({ startMs, endMs }: Pick<Injected, 'startMs' | 'endMs'>): string {
  return `[${startMs.toFixed(2)} … ${Number.isFinite(endMs) ? endMs.toFixed(2) : '?'}]`;
}
