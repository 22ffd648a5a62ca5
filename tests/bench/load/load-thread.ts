import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Measurement } from '../measurement.ts';

/** A load in a thread of its own, so that it takes no time of those who are measured beside it. */
export interface LoadThread {
  /** Resolves when the load has done all it had to do; never for one that goes on until it is ended. */
  done: Promise<void>;
  /** Stops the load, closes its connections and says what it did. */
  end(): Promise<Measurement>;
}

/** What a load's program tells: each word once. */
export interface LoadTeller {
  begun(): void;
  done(): void;
  /** Resolves when the load is to end. */
  untilEnd: Promise<void>;
  ended(measurement: Measurement): void;
}

/** Starts the program `file` of this folder with `task`; returns when it has begun. Throws what it throws. */
export async function startLoad(file: string, task: object): Promise<LoadThread> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task });
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<Measurement>();
  for (const { promise } of [begun, done, ended]) promise.catch(() => {}); // Told to whoever waits for it.
  worker.on('error', (error) => [begun, done, ended].forEach(({ reject }) => reject(error)));
  worker.on('message', ({ word, measurement }: { word: string; measurement: Measurement }) => {
    if (word === 'begun') begun.resolve();
    if (word === 'done') done.resolve();
    if (word === 'ended') ended.resolve(measurement);
  });
  await begun.promise;
  return {
    done: done.promise,
    async end() {
      worker.postMessage('end');
      const measurement = await ended.promise;
      await worker.terminate();
      return measurement;
    },
  };
}

/** For a load's program: its task, and how it tells what it does. */
export function readTask<Task>(): { task: Task; tell: LoadTeller } {
  const port = parentPort;
  if (!port) throw new TypeError('this program is a thread of another');
  const untilEnd = new Promise<void>((resolve) => void port.once('message', () => resolve()));
  return {
    task: workerData as Task,
    tell: {
      begun: () => port.postMessage({ word: 'begun' }),
      done: () => port.postMessage({ word: 'done' }),
      untilEnd,
      ended: (measurement) => port.postMessage({ word: 'ended', measurement }),
    },
  };
}
