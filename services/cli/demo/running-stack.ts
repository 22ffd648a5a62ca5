import { readFileSync } from 'node:fs';
import { isRunning } from '../../stack/process-identity.ts';
import { runDirAt, type RunDir } from '../../stack/run-dir.ts';
import type { Ports } from '../../stack/settings.ts';
import { urlsOf } from '../../stack/stack.ts';
import { readState } from '../../stack/state-file.ts';
import { findFaults } from '../../stack/status.ts';
import { readSettings } from '../settings.ts';

/** The stack that `make up` started. */
export interface RunningStack {
  runDir: RunDir;
  ports: Ports;
  urls: ReturnType<typeof urlsOf>;
  /** The key by which the webhook knows its broker. */
  brokerKey: string;
}

/** The healthy stack of RUN_DIR; throws an Error that says what is wrong with it. */
export async function getRunningStack(environment: NodeJS.ProcessEnv): Promise<RunningStack> {
  const runDir = runDirAt(readSettings(environment).runDir);
  const state = readState(runDir);
  if (!state || !isRunning(state.supervisor)) {
    throw new Error(`the stack is not up (${runDir.path}): run make up first`);
  }
  const [fault] = await findFaults(runDir, state);
  if (fault) throw new Error(`the stack is not healthy: ${fault[1]}`);
  const brokerKey = readFileSync(`${runDir.secrets}/broker-key`, 'utf8').trim();
  return { runDir, ports: state.ports, urls: urlsOf(state.ports), brokerKey };
}
