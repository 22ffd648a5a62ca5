import { StackError } from '../../../services/stack/stack-error.ts';

const mostTries = 3;

/** Starts something, again if it was not healthy in time: the machine may be busy with other tests. */
export async function startPatiently(what: { start(): Promise<void>; stop(): Promise<void> }): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await what.start();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== StackError.name || tries === mostTries) throw error;
      await what.stop();
    }
  }
}
