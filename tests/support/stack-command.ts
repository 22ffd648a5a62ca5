import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { isRunning, type ProcessIdentity } from '../../services/stack/process-identity.ts';
import { runDirAt } from '../../services/stack/run-dir.ts';
import { readState, runningProcesses, type StackState } from '../../services/stack/state-file.ts';
import { makeTestFolder } from './stack.ts';

const main = fileURLToPath(new URL('../../services/stack/main.ts', import.meta.url));

/** What a command printed, and its exit code. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** `make up` and its like on one run folder, free ports unless `environment` says otherwise. */
export interface StackCommands {
  runDir: string;
  run(
    command: 'up' | 'down' | 'status' | 'logs',
    environment?: Record<string, string>,
  ): Promise<CommandResult>;
  /** Starts a command and doesn't wait for its end. */
  launch(command: 'up', environment?: Record<string, string>): ChildProcess;
  /** What stack.json says; throws if there is none. */
  state(): StackState;
}

/** Commands for a new run folder; whatever they leave running is ended when `t` ends. */
export function stackCommands(t: Test): StackCommands {
  const runDir = makeTestFolder(t);
  const launch = (command: string, environment: Record<string, string> = {}) =>
    spawn(process.execPath, [main, command], {
      env: { ...plainEnvironment(runDir), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const run = (command: string, environment?: Record<string, string>) =>
    resultOf(launch(command, environment));
  t.teardown(() => run('down'));
  return { runDir, run, launch, state: () => getState(runDir) };
}

/** The supervisor and every part that a state records. */
export function processesOf(state: StackState): ProcessIdentity[] {
  return [state.supervisor, ...state.parts.flatMap((part) => part.process ?? [])];
}

/** How many of these processes still run. */
export function countRunning(processes: readonly ProcessIdentity[]): number {
  return processes.filter(isRunning).length;
}

/** The recorded processes of a run folder that still run; none if nothing is recorded. */
export function leftRunning(runDir: string): ProcessIdentity[] {
  const state = readState(runDirAt(runDir));
  return state ? runningProcesses(state) : [];
}

function getState(runDir: string): StackState {
  const state = readState(runDirAt(runDir));
  if (!state) throw new Error(`no stack.json in ${runDir}`);
  return state;
}

async function resultOf(child: ChildProcess): Promise<CommandResult> {
  const result: CommandResult = { code: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  result.code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return result;
}

function plainEnvironment(runDir: string): Record<string, string> {
  const ports = { SESSION_PORT: '0', WEBHOOK_PORT: '0', MQTT_PORT: '0', MQTT_WS_PORT: '0', REDIS_PORT: '0' };
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', RUN_DIR: runDir, ...ports };
}
