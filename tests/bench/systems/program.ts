import { spawn, type ChildProcess } from 'node:child_process';
import { endingWithParent } from '../../../services/stack/programs.ts';

/** A child process that is not part of a Bednet stack. */
export interface Program {
  child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a program that ends with this one at the latest. Its errors appear on standard error. */
export function startProgram(command: string, args: string[], withMessages = false): Program {
  const [file, all] = endingWithParent(command, args);
  const stdio = ['ignore', 'inherit', 'inherit', ...(withMessages ? ['ipc' as const] : [])] as const;
  const child = spawn(file, all, { stdio: [...stdio] });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  );
  return {
    child,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts a TypeScript program of this folder that speaks through process.send. */
export function startScript(file: URL): Program {
  return startProgram(process.execPath, [file.pathname], true);
}

/** The next message of a child; rejects if it ends before. */
export function nextMessage<T>({ child }: Program): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error(`${child.spawnargs.at(-1)} ended before it answered`));
    child.once('exit', onExit);
    child.once('error', reject);
    child.once('message', (message) => {
      child.off('exit', onExit).off('error', reject);
      resolve(message as T);
    });
  });
}
