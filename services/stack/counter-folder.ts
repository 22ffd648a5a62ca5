import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { isInMemory } from '../core/settings/tmpfs.ts';
import { StackError } from './stack-error.ts';

/** The folder in memory for the counter file of a stack: one for each run folder. */
export function counterFolderOf(runDirPath: string, memory = '/dev/shm'): string {
  const name = createHash('sha256').update(runDirPath).digest('hex').slice(0, 16);
  return join(memory, `bednet-${name}`);
}

/** Makes it, for its owner only. Throws a StackError if there is no tmpfs to put it on, or if it is another user's. */
export function makeCounterFolder(folder: string): void {
  const memory = join(folder, '..');
  if (!isTmpfs(memory))
    throw new StackError(`DECISION_CACHE=on needs a tmpfs at ${memory}, and there is none`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== userInfo().uid || (mode & 0o777) !== 0o700)
    throw new StackError(`${folder} is another user's, or others may use it: remove it`);
}

/** Removes it with what is in it. */
export function removeCounterFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function isTmpfs(path: string): boolean {
  try {
    return isInMemory(path);
  } catch {
    return false; // It isn't there.
  }
}
