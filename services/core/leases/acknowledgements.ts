import type { StreamId } from './holders.ts';

/** What a holder holds its lease with. */
export interface Held {
  readonly id: string;
  /** The newest event of each stream that it has applied. */
  readonly positions: Map<string, StreamId>;
  /** When it acknowledged all of them, by its steady clock. */
  acknowledgedAtMs: number;
}

const acknowledgeAgainMs = 3_600_000;

/**
 * What a turn acknowledges: what was applied since the last one; all positions once an hour, so that their key lives; and
 * one at least where a WAIT needs a write before it.
 */
export function acknowledgementsOf(
  held: Held,
  applied: ReadonlyMap<string, StreamId>,
  { steadyMs, needsWrite }: { steadyMs: number; needsWrite: boolean },
): ReadonlyMap<string, StreamId> {
  if (steadyMs - held.acknowledgedAtMs >= acknowledgeAgainMs) {
    held.acknowledgedAtMs = steadyMs;
    return held.positions;
  }
  return applied.size > 0 || !needsWrite ? applied : new Map([...held.positions].slice(0, 1));
}
