import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { listen } from './ports.ts';
import { StackError } from './stack-error.ts';

const waitMs = 60_000;

/**
 * Runs `work` while no other command of this run folder does: a second `make up` waits for the first one's end. The
 * lock is a name in the abstract socket namespace (unix(7)), which the kernel frees when its holder dies.
 */
export async function withLock<T>(runDirPath: string, work: () => Promise<T>): Promise<T> {
  const name = createHash('sha256').update(runDirPath).digest('hex').slice(0, 32);
  const deadlineMs = performance.now() + waitMs;
  let holder = await listen({ path: `\0bednet-stack-${name}` });
  while (!holder) {
    if (performance.now() > deadlineMs) {
      throw new StackError(`another command is at work in ${runDirPath} for more than ${waitMs / 1000} s`);
    }
    await delay(50);
    holder = await listen({ path: `\0bednet-stack-${name}` });
  }
  try {
    return await work();
  } finally {
    holder.close();
  }
}
