/** Requests whose answers set or clear the renewal cookie, one at a time: the last answer leaves its cookie behind. */
export interface Turns {
  /** Does `work` when what came before is over. */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Turns of all tabs of this browser under `name`, or of this tab alone: without a name, and where the browser has no
 * locks (pages without TLS). Each request ends in bounded time, and a lock ends with its tab.
 */
export function createTurns(name: string | undefined): Turns {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (name !== undefined && locks) return { take: async (work) => locks.request(name, work) };
  let last: Promise<unknown> = Promise.resolve();
  return {
    take: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => {});
      return turn;
    },
  };
}
