import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectDir } from '../../../services/stack/settings.ts';

/** A bug: one place of one file that becomes another text. */
export interface Bug {
  /** What is wrong then. */
  readonly name: string;
  readonly file: string;
  /** Must be there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

/** Copies what a stack runs from and returns the folder. `open` removes it. */
export function copyProject(open: AsyncDisposableStack): string {
  const copy = mkdtempSync(join(tmpdir(), 'bednet-planted-'));
  open.defer(() => rmSync(copy, { recursive: true, force: true }));
  const left = join(projectDir, 'services', 'web');
  for (const folder of ['services', 'redis', 'mosquitto-conf']) {
    cpSync(join(projectDir, folder), join(copy, folder), {
      recursive: true,
      filter: (source) => source !== left,
    });
  }
  mkdirSync(join(copy, 'services', 'web'));
  cpSync(join(projectDir, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(projectDir, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Puts a bug into a copy. `open` takes it out again. */
export function plant(copy: string, { file, right, wrong }: Bug, open: AsyncDisposableStack): void {
  const target = join(copy, file);
  const sound = readFileSync(target, 'utf8');
  open.defer(() => writeFileSync(target, sound));
  writeFileSync(target, replaceOnce(sound, right, wrong));
}

/** Throws an Error unless the right text is there exactly once: a bug that isn't planted proves nothing. */
export function replaceOnce(text: string, right: string, wrong: string): string {
  const pieces = text.split(right);
  if (pieces.length !== 2) throw new Error(`found ${pieces.length - 1} times: ${right}`);
  return pieces.join(wrong);
}
