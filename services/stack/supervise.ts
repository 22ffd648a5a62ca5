import { identifyProcess } from './process-identity.ts';
import type { Part } from './part.ts';
import { createStack, type Stack } from './stack.ts';
import type { StackSettings } from './settings.ts';
import { removeState, writeState, type PartRecord } from './state-file.ts';

/** What the supervisor tells the `up` that started it. */
export type SupervisorMessage = { outcome: 'up' } | { outcome: 'failed'; reason: string };

/**
 * The supervisor: starts the stack, records every change in stack.json, logs each death at once, and stops all on
 * SIGTERM, SIGINT or SIGHUP, or when `up` goes away before everything is healthy.
 */
export async function supervise(settings: StackSettings, environment: Record<string, string>): Promise<void> {
  const stack = await createStack({
    ...settings,
    environment,
    onChange: () => record(stack),
    onChildDeath: (death) => log(`dead: ${death.message}`),
  }).catch(giveUp);

  let isUp = false;
  let ending: Promise<void> | undefined;
  const end = (why: string) => (ending ??= stopAndExit(stack, why, isUp ? 0 : 1));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal));
  process.on('disconnect', () => isUp || void end('the command that started it has gone'));

  record(stack);
  try {
    await stack.start();
  } catch (error) {
    if (!ending) await tell({ outcome: 'failed', reason: (error as Error).message });
    return end((error as Error).message);
  }
  isUp = true;
  setInterval(() => {}, 3_600_000); // Even with every part dead it stays, to say so.
  log('all parts are healthy');
  await tell({ outcome: 'up' });
}

async function giveUp(error: Error): Promise<never> {
  log(error.message);
  await tell({ outcome: 'failed', reason: error.message });
  process.exit(1);
}

async function stopAndExit(stack: Stack, why: string, exitCode: number): Promise<void> {
  log(`stopping: ${why}`);
  await stack.stop();
  removeState(stack.runDir);
  log('stopped');
  process.exit(exitCode);
}

function record(stack: Stack): void {
  const supervisor = identifyProcess(process.pid);
  if (!supervisor) throw new Error('/proc is not mounted: processes cannot be told apart');
  writeState(stack.runDir, { supervisor, ports: stack.ports, parts: stack.parts.map(recordOf) });
}

function recordOf(part: Part): PartRecord {
  const identity = part.pid === undefined ? undefined : identifyProcess(part.pid);
  return {
    name: part.name,
    state: part.state,
    sinceMs: part.sinceMs,
    ...(identity ? { process: identity } : {}),
    ...(part.death ? { death: part.death } : {}),
  };
}

/** Resolves when the message is on its way; nobody may be listening any more. */
async function tell(message: SupervisorMessage): Promise<void> {
  if (!process.connected) return;
  await new Promise<void>((resolve) => process.send?.(message, undefined, {}, () => resolve()));
}

function log(message: string): void {
  console.log(`${new Date().toISOString()} ${message}`);
}
