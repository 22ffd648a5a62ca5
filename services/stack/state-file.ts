import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { PartState } from './part-plan.ts';
import type { PartName } from './part-names.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import type { RunDir } from './run-dir.ts';
import type { Ports } from './settings.ts';

/** One part as its supervisor last saw it. */
export interface PartRecord {
  name: PartName;
  state: PartState;
  sinceMs: number;
  process?: ProcessIdentity;
  /** How it died, if it did. */
  death?: string;
}

/** stack.json: what the supervisor runs. It outlives a killed supervisor, so that the next command can clean up. */
export interface StackState {
  supervisor: ProcessIdentity;
  ports: Ports;
  parts: PartRecord[];
}

/** The recorded state, or undefined if there is none (or none that can be read: then nothing can be told from it). */
export function readState(runDir: RunDir): StackState | undefined {
  try {
    return JSON.parse(readFileSync(runDir.stateFile, 'utf8')) as StackState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Replaces the recorded state at one stroke. */
export function writeState(runDir: RunDir, state: StackState): void {
  const draft = `${runDir.stateFile}.new`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, runDir.stateFile);
}

/** Forgets the recorded state: nothing of it runs any more. */
export function removeState(runDir: RunDir): void {
  rmSync(runDir.stateFile, { force: true });
}

/** The recorded processes that still run, the supervisor first. */
export function runningProcesses(state: StackState): ProcessIdentity[] {
  return [state.supervisor, ...state.parts.flatMap((part) => part.process ?? [])].filter(isRunning);
}
