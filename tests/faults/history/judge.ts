import type { Check, History, Id, Successor } from './history.ts';
import { indexRegister, type Change, type IndexedRegister } from './registers.ts';

/** Something that must not happen, with what proves it. */
export type Violation =
  | {
      readonly rule: 'granted-after-revocation' | 'renewed-after-revocation' | 'delivered-after-revocation';
      readonly check: Check;
      /** What ended the right before the check started, and of what. */
      readonly proofs: readonly Proof[];
    }
  | { readonly rule: 'denied-without-reason'; readonly check: Check; readonly proofs: readonly Proof[] }
  | { readonly rule: 'two-successors'; readonly answers: readonly [Successor, Successor] };

/** A change that proves a register's state. */
export interface Proof {
  readonly register: Id;
  readonly change: Change;
}

/**
 * Finds in a history
 * 1. checks that started after a revocation returned, and were granted;
 * 2. renewals that succeeded after it;
 * 3. renewal tokens that two successors were given for;
 * 4. denials of what was never revoked by then;
 * 5. messages published after a revocation returned that reached the revoked.
 */
export function judge(history: History): Violation[] {
  const indexed = history.registers.map(indexRegister);
  const violations: Violation[] = [...findTwoSuccessors(history.successors)];
  for (const check of history.checks.all()) {
    const registers = registersOf(history, check);
    const violation =
      check.outcome === 'granted'
        ? judgeGrant(check, registers, indexed)
        : check.outcome === 'denied'
          ? judgeDenial(check, registers, indexed)
          : undefined;
    if (violation) violations.push(violation);
  }
  return violations;
}

/** All that must allow a check. */
export function registersOf(history: History, { credential, topic }: Check): readonly Id[] {
  const own = history.credentials[credential]?.registers ?? [];
  return topic === undefined ? own : [...own, topic];
}

function judgeGrant(
  check: Check,
  registers: readonly Id[],
  indexed: readonly IndexedRegister[],
): Violation | undefined {
  for (const register of registers) {
    const change = indexed[register]?.findProof('allowed', check.startMs, check.endMs);
    if (change) return { rule: ruleOfGrant(check), check, proofs: [{ register, change }] };
  }
  return undefined;
}

function ruleOfGrant({ kind }: Check) {
  if (kind === 'renewal') return 'renewed-after-revocation';
  return kind === 'delivery' ? 'delivered-after-revocation' : 'granted-after-revocation';
}

/** A denial needs one register that may have been against it. */
function judgeDenial(
  check: Check,
  registers: readonly Id[],
  indexed: readonly IndexedRegister[],
): Violation | undefined {
  const proofs: Proof[] = [];
  for (const register of registers) {
    const change = indexed[register]?.findProof('not-allowed', check.startMs, check.endMs);
    if (!change) return undefined;
    proofs.push({ register, change });
  }
  return { rule: 'denied-without-reason', check, proofs };
}

function* findTwoSuccessors(answers: readonly Successor[]): Generator<Violation> {
  const first = new Map<string, Successor>();
  for (const answer of answers) {
    const before = first.get(answer.token);
    if (before === undefined) first.set(answer.token, answer);
    else if (before.successor !== answer.successor)
      yield { rule: 'two-successors', answers: [before, answer] };
  }
}
