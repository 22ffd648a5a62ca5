/**
 * A call that changes whether something is allowed. It takes effect at one moment between its start and its end. Times are
 * of one clock, in ms.
 */
export interface Change {
  readonly allows: boolean;
  readonly startMs: number;
  /** Infinity while nobody knows whether it has taken effect or will. */
  endMs: number;
  /** Whether the call returned and said that it is done. */
  settled: boolean;
  /** Whether it was refused, and so changed nothing. */
  refused: boolean;
  readonly label: string;
}

/** Something that is allowed or not, such as a session, a device or a topic, with all changes to it. */
export interface Register {
  readonly name: string;
  readonly changes: Change[];
}

/** A register in the form in which it can be asked a million times. */
export interface IndexedRegister {
  /**
   * The change that proves that the register was not in a state at any moment between two times, or undefined if it may
   * have been.
   */
  findProof(state: 'allowed' | 'not-allowed', startMs: number, endMs: number): Change | undefined;
}

interface Side {
  /** Settled changes by their end, each with the one among it and those before it that started last. */
  readonly settledEnds: readonly number[];
  readonly latestSettled: readonly Change[];
  /** All changes by their start, each with the latest end among it and those before it. */
  readonly starts: readonly number[];
  readonly latestEnds: readonly number[];
}

/**
 * A state is impossible between two times if a settled call ended it before the first one, and every call that could have
 * brought it back was over before that call started, or began after the second one.
 */
export function indexRegister({ changes }: Register): IndexedRegister {
  const allowing = indexSide(changes.filter((change) => change.allows && !change.refused));
  const ending = indexSide(changes.filter((change) => !change.allows && !change.refused));
  return {
    findProof(state, startMs, endMs) {
      const [towards, away] = state === 'allowed' ? [allowing, ending] : [ending, allowing];
      const proof = away.latestSettled[countBelow(away.settledEnds, startMs) - 1];
      if (proof === undefined) return undefined;
      const latestEnd = towards.latestEnds[countBelow(towards.starts, endMs) - 1] ?? -Infinity;
      return latestEnd > proof.startMs ? undefined : proof;
    },
  };
}

function indexSide(changes: readonly Change[]): Side {
  const settled = changes.filter((change) => change.settled).sort((a, b) => a.endMs - b.endMs);
  const byStart = [...changes].sort((a, b) => a.startMs - b.startMs);
  return {
    settledEnds: settled.map((change) => change.endMs),
    latestSettled: runningBest(settled, (a, b) => (a.startMs >= b.startMs ? a : b)),
    starts: byStart.map((change) => change.startMs),
    latestEnds: runningBest(
      byStart.map((change) => change.endMs),
      Math.max,
    ),
  };
}

function runningBest<T>(all: readonly T[], better: (a: T, b: T) => T): T[] {
  const best: T[] = [];
  for (const one of all) best.push(best.length === 0 ? one : better(best.at(-1) as T, one));
  return best;
}

/** How many of some sorted numbers are below a limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
