import type { FastifyBaseLogger } from 'fastify';
import type { DenialReason } from '../core/check/reasons.ts';

const windowMs = 60_000;
/** A device that was set up wrongly shows in its first denials. */
const linesPerWindow = 5;
const mostDevices = 1000;
const reasons: ReadonlySet<DenialReason> = new Set([
  'device-key-wrong',
  'device-key-malformed',
  'device-key-replaced',
]);

/** What is looked at in a denial. */
export interface DeniedDevice {
  reason: DenialReason;
  username?: string | undefined;
}

/**
 * Makes the limit on what wrong device keys may write to the log: of one device 5 lines a minute, then a warning at each
 * power of ten, so that guessing in a loop is seen and doesn't hide other denials. The function it makes says whether a
 * denial may be logged. No key is refused for it: docs/sign-in-limits.md says why.
 */
export function createDeviceGuessLimit(
  log: Pick<FastifyBaseLogger, 'warn'>,
  nowMs: () => number,
): (denied: DeniedDevice) => boolean {
  const devices = new Map<string, { sinceMs: number; wrongKeys: number }>();

  function count(username: string): number {
    const known = devices.get(username);
    if (known && nowMs() - known.sinceMs < windowMs) return (known.wrongKeys += 1);
    devices.delete(username);
    devices.set(username, { sinceMs: nowMs(), wrongKeys: 1 });
    const [oldest] = devices.keys();
    if (devices.size > mostDevices && oldest !== undefined) devices.delete(oldest);
    return 1;
  }

  return ({ reason, username }) => {
    if (username === undefined || !reasons.has(reason)) return true;
    const wrongKeys = count(username);
    if (wrongKeys > linesPerWindow && isPowerOfTen(wrongKeys)) {
      const device = username.slice(0, 66);
      log.warn(
        { event: 'device-keys-guessed', device, wrongKeys },
        'many wrong keys of a device in a minute',
      );
    }
    return wrongKeys <= linesPerWindow;
  };
}

function isPowerOfTen(count: number): boolean {
  return /^10*$/.test(String(count));
}
