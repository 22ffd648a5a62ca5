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

/** Asks again while the answer is 503, as a client does: on a busy machine Redis may answer too late. */
export async function untilServed<Answer extends { status: number }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
}
