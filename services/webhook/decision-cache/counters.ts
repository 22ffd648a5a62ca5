import type { ClockReading } from '../../core/leases/lease-clock.ts';
import type { CounterFile } from './counter-file.ts';
import type { DecisionMetrics } from './decision-metrics.ts';

/** The counters by which brokers on this machine know whether what they were granted still holds. */
export interface Counters {
  readonly epoch: string;
  /** Whether grants may be offered. Once false, it stays so. */
  isOn(): boolean;
  /** Voids the grants of slots. It never throws: assertWritten tells. */
  bump(slots: Iterable<number>): void;
  bumpAll(): void;
  /** Throws if something could not be written: then nothing may be acknowledged any more, and the lease has to go. */
  assertWritten(): void;
  /** The lease counts from `sent` on. Throws as assertWritten. */
  prolong(sent: ClockReading): void;
  /** No grant holds any longer. False if that could not be written: they may hold until the end of the lease. */
  end(): boolean;
  close(): void;
}

/** Writes counters until a write fails or somebody else takes the name of the file; `onFault` is told of that once. */
export function openCounters(
  file: CounterFile,
  use: { leaseMs: number; metrics: DecisionMetrics; onFault: (error: Error) => void },
): Counters {
  const { metrics } = use;
  let state: 'on' | 'failed' | 'off' = 'on';

  function write(kind: 'slot' | 'all', work: () => void): void {
    if (state !== 'on') return;
    const startMs = performance.now();
    try {
      work();
    } catch (error) {
      fail(error as Error);
    }
    metrics.noteBump(kind, (performance.now() - startMs) / 1000);
  }

  function fail(error: Error): void {
    state = 'failed';
    use.onFault(error);
  }

  function assertWritten(): void {
    if (state === 'failed') throw new Error('the counter file could not be written');
  }

  /** Also after a failure, as it may have been the only one. */
  function voidAll(): boolean {
    try {
      file.writeDeadlines(0n, 0n);
      file.bumpAll();
      return true;
    } catch (error) {
      if (state === 'on') fail(error as Error);
      return false;
    }
  }

  /** Brokers may still have the file mapped that has lost its name. */
  function stepAside(): void {
    if (voidAll()) state = 'off';
    use.onFault(new Error('the counter file was removed, or another service has put its own there'));
  }

  return {
    epoch: file.epoch,
    isOn: () => state === 'on',
    bump(slots) {
      for (const slot of slots) write('slot', () => file.bump(slot));
    },
    bumpAll: () => write('all', file.bumpAll),
    assertWritten,
    prolong(sent) {
      if (state === 'on' && file.isReplaced()) stepAside();
      assertWritten();
      if (state !== 'on') return;
      try {
        file.writeDeadlines(...deadlines(sent, use.leaseMs));
      } catch (error) {
        fail(error as Error);
      }
      assertWritten();
    },
    end() {
      if (state === 'off') return true;
      const isOver = voidAll();
      if (state === 'failed') state = 'off';
      return isOver;
    },
    close() {
      state = 'off';
      file.close();
    },
  };
}

/** The clock of the machine is read before that of the process, so that what is between shortens the lease. */
function deadlines({ steadyMs, wallMs }: ClockReading, leaseMs: number): [steadyNs: bigint, wallMs: bigint] {
  const nowNs = process.hrtime.bigint();
  const aheadMs = leaseMs - (performance.now() - steadyMs);
  const steadyNs = nowNs + BigInt(Math.floor(aheadMs * 1e6));
  return [steadyNs > 0n ? steadyNs : 0n, BigInt(Math.max(0, Math.floor(wallMs + leaseMs)))];
}
