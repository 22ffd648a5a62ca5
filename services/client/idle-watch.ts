import { monotonicMs } from './held-tokens.ts';

/** Notices when nobody uses the page. */
export interface IdleWatch {
  /** Somebody was active here or in another tab. */
  touch(): void;
  isIdle(): boolean;
  stop(): void;
}

const signs = ['pointerdown', 'keydown', 'touchstart', 'scroll'] as const;
/** Other tabs hear of activity this often at most. */
const tellEveryMs = 10_000;
/** A tab that was frozen hears of activity elsewhere a moment after it is thawed. */
const hearingMs = 1_000;

/**
 * Calls `onIdle` once nobody has been active for `timeoutMs` (0 = never), and `onActive` now and then while somebody
 * is: polling and renewals don't count (ASVS 7.3.1).
 */
export function watchIdle(
  timeoutMs: number,
  { onIdle, onActive }: { onIdle: () => void; onActive: () => void },
): IdleWatch {
  let activeAtMs = monotonicMs();
  let toldAtMs = -Infinity;
  const idleMs = () => monotonicMs() - activeAtMs;
  const touch = () => void (activeAtMs = monotonicMs());
  const notice = () => {
    touch();
    if (activeAtMs - toldAtMs < Math.min(tellEveryMs, timeoutMs / 4)) return;
    toldAtMs = activeAtMs;
    onActive();
  };
  const page = globalThis.document as Document | undefined;
  for (const sign of signs) page?.addEventListener(sign, notice, { passive: true, capture: true });
  const isIdle = () => timeoutMs > 0 && idleMs() >= timeoutMs;
  let confirmation: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (!isIdle()) return;
    clearTimeout(confirmation);
    confirmation = setTimeout(() => isIdle() && onIdle(), Math.min(hearingMs, timeoutMs / 2));
  };
  const timer = timeoutMs > 0 ? setInterval(look, Math.min(timeoutMs, 30_000)) : undefined;
  return {
    touch,
    isIdle,
    stop: () => {
      clearInterval(timer);
      clearTimeout(confirmation);
      for (const sign of signs) page?.removeEventListener(sign, notice, { capture: true });
    },
  };
}
