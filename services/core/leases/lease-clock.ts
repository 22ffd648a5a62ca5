/** What the clocks of this process said at one moment. */
export interface ClockReading {
  /** Never steps, but may stand still while the machine is suspended. */
  readonly steadyMs: number;
  /** Goes on while the machine is suspended, but may be stepped. */
  readonly wallMs: number;
}

/** The holder's own clock: until when its lease is valid, and what time it is for Redis. */
export interface LeaseClock {
  read(): ClockReading;
  /** Whether the lease is valid now. Ask after the check has begun, in one go with the look into the memory. */
  isValid(): boolean;
  /** What Redis' clock says by now, or a little more; never less, so that nothing lives longer by it. */
  redisNowMs(): number;
  /** The lease counts from before the question was sent that Redis has answered; `redisMs` is Redis' time in that answer. */
  prolong(sent: ClockReading, redisMs: number): void;
  /** The lease is over. */
  end(): void;
  /** How long one question may take, so that others can follow it. */
  readonly turnMs: number;
  /** How long to wait before the next question. */
  pauseMs(): number;
}

/** Four questions in a lease's life: two may go wrong. */
const turnsPerLease = 4;

/**
 * Makes the clock of a lease. Both kinds of clock have to agree that it is valid: a machine that wakes up finds it run
 * out by the one, a clock that is set back by the other. `readClock` is replaced in tests.
 */
export function openClock(leaseMs: number, readClock: () => ClockReading = readClocks): LeaseClock {
  let sent: ClockReading = { steadyMs: -Infinity, wallMs: -Infinity };
  let redisMs = 0;
  const turnMs = Math.ceil(leaseMs / turnsPerLease);
  return {
    turnMs,
    read: readClock,
    isValid() {
      const now = readClock();
      return now.steadyMs - sent.steadyMs < leaseMs && now.wallMs - sent.wallMs < leaseMs;
    },
    redisNowMs: () => Math.ceil(redisMs + 1 + readClock().steadyMs - sent.steadyMs),
    prolong(reading, redisTimeMs) {
      sent = reading;
      redisMs = redisTimeMs;
    },
    end() {
      sent = { steadyMs: -Infinity, wallMs: -Infinity };
    },
    pauseMs: () => Math.max(1, Math.ceil(turnMs - (readClock().steadyMs - sent.steadyMs))),
  };
}

function readClocks(): ClockReading {
  return { steadyMs: performance.now(), wallMs: Date.now() };
}
