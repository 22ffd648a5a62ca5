/** Requests whose answers set or clear the renewal cookie, one at a time: the last answer leaves its cookie behind. */
export interface Turns {
  /** Does `work` when what came before is over. */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Longer than a request takes. A tab that holds the others up for longer, such as with a dialog, is not waited for. */
const longestWaitMs = 15_000;

/**
 * Turns of all tabs of this browser under `name`, or of this tab alone: without a name, and where the browser has no
 * locks (pages without TLS). A lock ends with its tab.
 */
export function createTurns(name: string | undefined): Turns {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  return name !== undefined && locks ? turnsOfTabs(name, locks) : turnsOfThisTab();
}

function turnsOfTabs(name: string, locks: LockManager): Turns {
  return {
    take: async (work) => {
      let hasBegun = false;
      const begin = () => {
        hasBegun = true;
        return work();
      };
      try {
        return await locks.request(name, { signal: AbortSignal.timeout(longestWaitMs) }, begin);
      } catch (error) {
        if (hasBegun) throw error;
        return work();
      }
    },
  };
}

function turnsOfThisTab(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => {});
      return turn;
    },
  };
}
