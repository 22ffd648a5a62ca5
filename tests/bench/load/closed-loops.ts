import type { Limits, Measurement } from '../measurement.ts';
import { startStopwatch } from './stopwatch.ts';

/**
 * Runs each operation again and again, one at a time, all of them side by side, until the limits are reached. An
 * operation returns undefined when it succeeded, else the kind of its failure; one that throws ends its loop.
 */
export async function runClosedLoops(
  operations: readonly (() => Promise<string | undefined>)[],
  limits: Limits,
): Promise<Measurement> {
  const stopwatch = startStopwatch(limits);
  await Promise.all(
    operations.map(async (operation) => {
      try {
        while (stopwatch.isOpen()) {
          const startedMs = performance.now();
          const failure = await operation();
          if (failure === undefined) stopwatch.succeeded(startedMs);
          else stopwatch.failed(failure);
        }
      } catch (error) {
        stopwatch.failed((error as Error).message);
      }
    }),
  );
  return stopwatch.stop();
}
