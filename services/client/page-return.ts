import { monotonicMs } from './held-tokens.ts';

/** How often the clocks are compared. */
const lookEveryMs = 15_000;
/** The wall clock has left the monotonic one behind by so much: the machine slept, or somebody set the clock. */
const jumpMs = 5_000;

/**
 * Calls `onReturn` when the page is looked at again, the network is back, or the machine has slept. In a sleep timers
 * stand still, and on some systems the monotonic clock too: `hasSlept` says that it can't be trusted about before.
 */
export function watchReturn(onReturn: (hasSlept: boolean) => void): () => void {
  const page = globalThis.document as Document | undefined;
  let offsetMs = Date.now() - monotonicMs();
  const hasSlept = () => {
    const beforeMs = offsetMs;
    offsetMs = Date.now() - monotonicMs();
    return Math.abs(offsetMs - beforeMs) > jumpMs;
  };
  const look = () => void (page?.visibilityState === 'visible' && onReturn(hasSlept()));
  const meet = () => onReturn(hasSlept());
  const timer = setInterval(() => void (hasSlept() && onReturn(true)), lookEveryMs);
  page?.addEventListener('visibilitychange', look);
  globalThis.addEventListener?.('online', meet);
  globalThis.addEventListener?.('pageshow', look);
  return () => {
    clearInterval(timer);
    page?.removeEventListener('visibilitychange', look);
    globalThis.removeEventListener?.('online', meet);
    globalThis.removeEventListener?.('pageshow', look);
  };
}
