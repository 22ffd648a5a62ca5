import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { bringDown } from './down.ts';
import { isRunning } from './process-identity.ts';
import { findFaults } from './status.ts';
import { makeRunDir, runDirAt } from './run-dir.ts';
import { portSettings, projectDir, type Ports, type StackSettings } from './settings.ts';
import { StackError } from './stack-error.ts';
import { readState, type StackState } from './state-file.ts';
import type { SupervisorMessage } from './supervise.ts';

/** The running stack, and whether it ran before. */
export interface UpResult {
  ports: Ports;
  wasUp: boolean;
}

/**
 * Returns when a stack of this run folder is healthy; throws a StackError if it can't be, with nothing left running.
 * A stack of which a part has died, and what a killed supervisor left, is ended and started anew.
 */
export async function bringUp(settings: StackSettings): Promise<UpResult> {
  const runDir = runDirAt(settings.runDir);
  const state = readState(runDir);
  if (state && isRunning(state.supervisor) && (await findFaults(runDir, state)).length === 0) {
    assertSamePorts(settings.ports, state);
    return { ports: state.ports, wasUp: true };
  }
  await bringDown(settings.runDir);
  makeRunDir(runDir);
  await launchSupervisor(runDir.logFile('stack'));
  const started = readState(runDir);
  if (!started)
    throw new StackError(`the stack ended as soon as it was up (log: ${runDir.logFile('stack')})`);
  return { ports: started.ports, wasUp: false };
}

function assertSamePorts(asked: Ports, state: StackState): void {
  for (const name of Object.keys(asked) as (keyof Ports)[]) {
    if (asked[name] === 0 || asked[name] === state.ports[name]) continue;
    throw new StackError(
      `this stack is up with ${portSettings[name].variable}=${state.ports[name]}: run make down first, or set another RUN_DIR`,
    );
  }
}

/** The supervisor is in a session of its own: it outlives this command and the terminal. */
async function launchSupervisor(logFile: string): Promise<void> {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [`${projectDir}services/stack/main.ts`, 'supervise'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const message = await firstMessage(child);
  if (child.connected) child.disconnect();
  if (message.outcome === 'up') return child.unref();
  await untilExit(child);
  throw new StackError(message.reason);
}

function firstMessage(child: ChildProcess): Promise<SupervisorMessage> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as SupervisorMessage));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve({ outcome: 'failed', reason: `the supervisor ended (${signal ?? `exit code ${code}`})` }),
    );
  });
}

async function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}
