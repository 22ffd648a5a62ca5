import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StackError } from './stack-error.ts';

/** Debian keeps servers where the PATH of an ordinary user doesn't reach. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The path of a program, from PATH or the folders of servers, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...serverFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** As findProgram; throws a StackError that says which Debian package brings it. */
export function getProgram(name: string, debianPackage: string): string {
  const path = findProgram(name);
  if (!path) throw new StackError(`${name} is not installed: apt-get install ${debianPackage}`);
  return path;
}

/** Has the kernel send SIGTERM to a child when its parent ends in any way (prctl(2), PR_SET_PDEATHSIG). */
export function endingWithParent(command: string, args: string[]): [string, string[]] {
  const setpriv = findProgram('setpriv');
  return setpriv ? [setpriv, ['--pdeathsig', 'TERM', '--', command, ...args]] : [command, args];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
