import { styleText } from 'node:util';
import { escapeControls } from '../output.ts';

const timeColumn = 92;

/** Tells what happens, one line a step with its time, and stops at the first step that isn't true. */
export interface Story {
  chapter(title: string): void;
  note(text: string): void;
  /**
   * Does something and tells how long it took, or the time that `timeOf` finds in the result. Throws if it does, or
   * when the demo is interrupted.
   */
  step<T>(title: string, work: () => Promise<T>, timeOf?: (result: T) => number): Promise<T>;
  /** A step whose time was measured elsewhere; throws unless it is true. */
  fact(title: string, isTrue: boolean, tookMs?: number): void;
  /** Counts down to a moment of Date.now(). */
  countDown(title: string, untilMs: number): Promise<void>;
  /** How many steps were true. */
  readonly steps: number;
}

/** Tells the story on standard output, in colours and with a moving countdown on a terminal only. */
export function createStory(interruption: AbortSignal): Story {
  const isTerminal = process.stdout.isTTY === true;
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    styleText(style, text, { stream: process.stdout });
  let steps = 0;

  function tell(isTrue: boolean, title: string, tookMs: number | undefined): void {
    const time = tookMs === undefined ? '' : `${tookMs.toFixed(1)} ms`;
    const line = `${escapeControls(title).padEnd(timeColumn - time.length)}${paint('dim', time)}`;
    console.log(`  ${isTrue ? paint('green', '✓') : paint('red', '✗')} ${line.trimEnd()}`);
    if (isTrue) steps += 1;
  }

  async function step<T>(title: string, work: () => Promise<T>, timeOf?: (result: T) => number): Promise<T> {
    interruption.throwIfAborted();
    const startMs = performance.now();
    try {
      const result = await orInterrupted(work(), interruption);
      tell(true, title, timeOf ? timeOf(result) : performance.now() - startMs);
      return result;
    } catch (error) {
      tell(false, title, performance.now() - startMs);
      throw new Error(`${title}: ${(error as Error).message}`, { cause: error });
    }
  }

  async function countDown(title: string, untilMs: number): Promise<void> {
    if (!isTerminal) console.log(`    ${title}: ${Math.ceil((untilMs - Date.now()) / 1000)} s …`);
    for (let leftMs = untilMs - Date.now(); leftMs > 0; leftMs = untilMs - Date.now()) {
      if (isTerminal) process.stdout.write(`\r    ${title}: ${Math.ceil(leftMs / 1000)} s `);
      await orInterrupted(delay(Math.min(leftMs, 100)), interruption);
    }
    if (isTerminal) process.stdout.write('\r\x1b[K');
  }

  return {
    chapter: (title) => console.log(`\n${paint('bold', title)}`),
    note: (text) => console.log(`    ${escapeControls(text)}`),
    step,
    fact(title, isTrue, tookMs) {
      tell(isTrue, title, tookMs);
      if (!isTrue) throw new Error(`not true: ${title}`);
    },
    countDown,
    get steps() {
      return steps;
    },
  };
}

/** Waits for something at most `timeoutMs`; throws an Error that names it. */
export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns as soon as `condition` holds; throws an Error that names it after `timeoutMs`. */
export async function until(timeoutMs: number, what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(5);
  }
}

async function orInterrupted<T>(work: Promise<T>, interruption: AbortSignal): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const interrupt = () => reject(interruption.reason as Error);
  interruption.addEventListener('abort', interrupt, { once: true });
  try {
    interruption.throwIfAborted();
    return await Promise.race([work, interrupted]);
  } finally {
    interruption.removeEventListener('abort', interrupt);
  }
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
