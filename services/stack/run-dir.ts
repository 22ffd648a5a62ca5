import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { counterFolderOf } from './counter-folder.ts';
import type { PartName } from './part-names.ts';

/** The files and folders of one stack. */
export interface RunDir {
  path: string;
  secrets: string;
  redis: string;
  mosquitto: string;
  log: string;
  /** Where mails are kept when there is no mail server. */
  mail: string;
  /** In memory, not in the run folder: where the webhook service has its counter file, if there is a decision cache. */
  counters: string;
  /** Which processes run, their ports and their health: written by the supervisor, read by every command. */
  stateFile: string;
  logFile(name: PartName | 'stack'): string;
}

/** Names the files and folders below `path`; touches nothing. */
export function runDirAt(path: string): RunDir {
  const log = join(path, 'log');
  return {
    path,
    secrets: join(path, 'secrets'),
    redis: join(path, 'redis'),
    mosquitto: join(path, 'mosquitto'),
    log,
    mail: join(path, 'mail'),
    counters: counterFolderOf(path),
    stateFile: join(path, 'stack.json'),
    logFile: (name) => join(log, `${name}.log`),
  };
}

/** Makes the folders. What they hold (keys, tokens in messages and mails, addresses in logs) is the owner's only. */
export function makeRunDir(runDir: RunDir): void {
  mkdirSync(runDir.path, { recursive: true });
  for (const folder of [runDir.secrets, runDir.redis, runDir.mosquitto, runDir.log, runDir.mail]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }
}
