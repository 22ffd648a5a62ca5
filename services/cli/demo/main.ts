import { toErrorLine } from '../output.ts';
import { bednetCommands } from './bednet-command.ts';
import type { DemoContext } from './demo-context.ts';
import { meet } from './meet.ts';
import { inventPeople } from './people.ts';
import { renew } from './renew.ts';
import { revoke } from './revoke.ts';
import { getRunningStack, type RunningStack } from './running-stack.ts';
import { createStory } from './story.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
}

const undos: { what: string; undo: () => Promise<unknown> }[] = [];
const startMs = performance.now();
const story = createStory(interruption.signal);
let failure: Error | undefined;
let pageUrl = '';
try {
  await tell(await getRunningStack(process.env));
} catch (error) {
  failure = error as Error;
}
process.exit(conclude(await undoAll()));

async function tell(stack: RunningStack): Promise<void> {
  pageUrl = stack.urls.session.replace('127.0.0.1', 'localhost');
  const context: DemoContext = {
    story,
    stack,
    bednet: bednetCommands(stack.runDir.path),
    ...inventPeople(),
    atEnd: (what, undo) => void undos.push({ what, undo }),
  };
  console.log(`Bednet's demo on the running stack: ${stack.urls.session}, ${stack.urls.mqtt}`);
  const { ana, ben } = await meet(context);
  await revoke(context, ana, ben);
  await renew(context, ben);
}

/** Undoes everything, the last first, also when something can't be undone; returns what that was. */
async function undoAll(): Promise<string[]> {
  const failed: string[] = [];
  for (const { what, undo } of undos.toReversed()) {
    await undo().catch((error: Error) => failed.push(`could not ${what}: ${error.message}`));
  }
  return failed;
}

/** Says how it ended; returns the exit code. */
function conclude(leftovers: readonly string[]): number {
  for (const leftover of leftovers) process.stderr.write(toErrorLine(leftover));
  if (failure) process.stderr.write(toErrorLine(failure.message));
  if (failure || leftovers.length > 0) return 1;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(
    `\nAll ${story.steps} steps were true, in ${seconds} s. The accounts and the rule are gone again.\n` +
      `Try it by hand: ${pageUrl}`,
  );
  return 0;
}
