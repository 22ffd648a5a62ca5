/** What a wait came to: there was nothing to wait for, it is over, or too many wait already. */
export type OpenTriesWait = 'none' | 'over' | 'full';

/** The tries that this process is looking at, by what they are tries at. */
export interface OpenTries {
  /** Notes a try; call what it returns when the try is settled. */
  begin(what: string): () => void;
  /** Waits until all that are open now are settled, for `timeoutMs` at most. */
  wait(what: string, timeoutMs: number): Promise<OpenTriesWait>;
}

interface Group {
  open: Set<Promise<void>>;
  waiting: number;
}

/** Makes an empty list; at most `mostWaiting` wait for the tries at one thing. */
export function createOpenTries(mostWaiting: number): OpenTries {
  const groups = new Map<string, Group>();
  return {
    begin(what) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const group = groups.get(what) ?? { open: new Set(), waiting: 0 };
      groups.set(what, group);
      group.open.add(promise);
      return () => {
        resolve();
        group.open.delete(promise);
        if (group.open.size === 0) groups.delete(what);
      };
    },
    async wait(what, timeoutMs) {
      const group = groups.get(what);
      if (!group) return 'none';
      if (group.waiting >= mostWaiting) return 'full';
      group.waiting += 1;
      await settledOrLate(group.open, timeoutMs);
      group.waiting -= 1;
      return 'over';
    },
  };
}

async function settledOrLate(open: Set<Promise<void>>, timeoutMs: number): Promise<void> {
  const { promise: timeIsUp, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([Promise.all(open), timeIsUp]);
  clearTimeout(timer);
}
