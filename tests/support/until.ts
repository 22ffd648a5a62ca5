import { setTimeout as delay } from 'node:timers/promises';

/** Returns as soon as `condition` holds; throws after `timeoutMs`, which is long for a busy machine, with `what` for the message. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 30_000, what = String(condition) } = {},
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(10);
  }
}
