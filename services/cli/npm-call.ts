import { resolve } from 'node:path';

const isNpmRun = process.env.npm_lifecycle_event === 'bednet';

/** How the person called the command line, for the help: `npm run -s bednet -- …`, or linked as a command. */
export const commandName = isNpmRun ? 'npm run -s bednet --' : 'bednet';

/** A file that the person named: npm runs its scripts in the project's folder, and says where the person is. */
export function resolveFile(file: string): string {
  return resolve(isNpmRun ? (process.env.INIT_CWD ?? '') : '', file);
}
