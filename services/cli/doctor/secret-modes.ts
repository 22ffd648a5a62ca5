import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDir } from '../../stack/run-dir.ts';
import { fault, ok, warn, type Finding } from './finding.ts';

const check = 'secrets-modes';

/** Everybody may read it: public keys. */
const publicFiles: readonly string[] = ['verification-keys.json'];

/** Whether others than the owner can get at the secrets of a stack, in their folder or where they were rendered to. */
export function checkSecretModes({ secrets, redis, mosquitto, log }: RunDir): Finding[] {
  let files: string[];
  try {
    files = readdirSync(secrets);
  } catch (error) {
    const found = `${secrets} can't be looked at (${(error as NodeJS.ErrnoException).code}).`;
    return [warn(check, found, 'Set RUN_DIR to the folder of the stack; keys and modes were not checked.')];
  }
  const open = [
    ...[secrets, redis, mosquitto, log].filter(isOpenToOthers),
    ...files
      .filter((file) => !publicFiles.includes(file))
      .map((file) => join(secrets, file))
      .filter(isOpenToOthers),
  ];
  if (open.length === 0) return [ok(check, `Only their owner can read the secrets in ${secrets}.`)];
  return open.map((path) =>
    fault(
      check,
      `Others than its owner have rights on ${path}.`,
      `chmod go= ${path}; if others have accounts on this machine, replace the secret as well.`,
    ),
  );
}

function isOpenToOthers(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o077) !== 0;
}
