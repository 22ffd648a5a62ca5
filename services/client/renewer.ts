import { backoffMs } from './backoff.ts';
import { isTemporary, SessionError } from './session-error.ts';

/** Renews ahead of time, one renewal at a time, and tries again while the server can't be reached. */
export interface Renewer {
  /** Joins the renewal under way or starts one. Rejects as `renewOnce` does. */
  renew(): Promise<void>;
  /** Renews in `delayMs`, by itself. */
  schedule(delayMs: number): void;
  /** No renewal starts by itself any more, also not after the failure of one that is under way. */
  stop(): void;
}

const longestTimerMs = 2 ** 31 - 1;
const backoff = { firstMs: 1_000, mostMs: 30_000 };

/** A renewer around `renewOnce`; `onTrouble` hears whether the server can't be reached for now. */
export function createRenewer(
  renewOnce: () => Promise<void>,
  onTrouble: (isOffline: boolean) => void,
): Renewer {
  let running: Promise<void> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stops = 0;

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    // A failure has set the next timer or ended the session by then.
    timer = setTimeout(() => void renew().catch(() => {}), Math.min(delayMs, longestTimerMs));
  }

  function renew(): Promise<void> {
    running ??= attempt().finally(() => (running = undefined));
    return running;
  }

  async function attempt(): Promise<void> {
    clearTimeout(timer);
    const stopsBefore = stops;
    try {
      await renewOnce();
      failures = 0;
      onTrouble(false);
    } catch (error) {
      if (isTemporary(error) && stops === stopsBefore) tryLater(error);
      throw error;
    }
  }

  function tryLater({ retryAfterSeconds = 0 }: SessionError): void {
    schedule(Math.max(retryAfterSeconds * 1000, backoffMs(failures++, backoff)));
    onTrouble(true);
  }

  return {
    renew,
    schedule,
    stop: () => {
      stops++;
      clearTimeout(timer);
    },
  };
}
