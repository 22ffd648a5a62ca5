import type { Limits, Measurement } from '../measurement.ts';

/** Collects one round: what succeeded and when, what failed, and how busy this process was. */
export interface Stopwatch {
  /** Whether another operation may begin. */
  isOpen(): boolean;
  succeeded(startedMs: number, endedMs?: number): void;
  failed(kind: string, times?: number): void;
  /** The round from its start to now. */
  stop(): Measurement;
}

/** Starts a round, now. Times are of performance.now(). */
export function startStopwatch({ durationMs, maxCount }: Limits): Stopwatch {
  const startMs = performance.now();
  const startLoop = performance.eventLoopUtilization();
  const latenciesMs: number[] = [];
  const errors: Record<string, number> = {};
  let failures = 0;

  return {
    isOpen: () => latenciesMs.length + failures < maxCount && performance.now() - startMs < durationMs,
    succeeded: (startedMs, endedMs = performance.now()) => void latenciesMs.push(endedMs - startedMs),
    failed: (kind, times = 1) => {
      failures += times;
      errors[kind] = (errors[kind] ?? 0) + times;
    },
    stop: () => ({
      count: latenciesMs.length,
      seconds: (performance.now() - startMs) / 1000,
      latenciesMs,
      errors,
      generatorBusy: performance.eventLoopUtilization(startLoop).utilization,
    }),
  };
}
