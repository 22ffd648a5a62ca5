import { randomInt } from 'node:crypto';

/** How long the last checks took, so that an answer without a check can take as long as one. */
export interface CheckTimes {
  /** Runs `check` and remembers how long it took, its wait for a slot included. */
  measure<T>(check: () => Promise<T>): Promise<T>;
  /** Waits as long as one of the last checks took, drawn at random. */
  imitate(): Promise<void>;
}

const remembered = 32;

/** Makes the memory, with the time that a first check took. */
export function createCheckTimes(firstMs: number): CheckTimes {
  const times = [firstMs];
  return {
    async measure(check) {
      const startedMs = performance.now();
      const result = await check();
      times.push(performance.now() - startedMs);
      if (times.length > remembered) times.shift();
      return result;
    },
    imitate: () => new Promise((resolve) => setTimeout(resolve, times[randomInt(times.length)])),
  };
}
