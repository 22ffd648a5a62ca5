import { removeCounterFolder } from './counter-folder.ts';
import { endProcess } from './process-identity.ts';
import { runDirAt, type RunDir } from './run-dir.ts';
import { readState, removeState, runningProcesses } from './state-file.ts';

const patienceMs = 20_000;

/** Ends the supervisor, which ends its parts, and whatever a killed supervisor left. Returns how many processes ran. */
export async function bringDown(runDirPath: string): Promise<number> {
  const runDir: RunDir = runDirAt(runDirPath);
  const state = readState(runDir);
  if (!state) return 0;
  const running = runningProcesses(state);
  // One after the other: the supervisor stops its parts in the right order.
  for (const process of running) await endProcess(process, patienceMs);
  removeState(runDir);
  removeCounterFolder(runDir.counters);
  return running.length;
}
