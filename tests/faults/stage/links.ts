import { Worker } from 'node:worker_threads';

/** What the thread of the links is told. */
export type LinkOrder =
  | { readonly what: 'open'; readonly name: string; readonly toPort: number }
  | { readonly what: 'cut' | 'hold' | 'release'; readonly name: string }
  | { readonly what: 'delay'; readonly name: string; readonly delayMs: number };

/** A TCP link between two parts of a stage. */
export interface Link {
  readonly name: string;
  /** Where the nearer part connects to. */
  readonly port: number;
  /** Resets all connections; new ones are served. */
  cut(): void;
  /** Nothing passes in either direction until `release`. */
  hold(): void;
  /** Everything takes this much longer in each direction until `release`. */
  slow(delayMs: number): void;
  release(): void;
}

/** Links between the parts of a stage. */
export interface Links {
  open(name: string, toPort: number): Promise<Link>;
  close(): Promise<void>;
}

/** Starts the thread of the links. */
export function openLinks(): Links {
  const worker = new Worker(new URL('./links-worker.ts', import.meta.url));
  const tell = (order: LinkOrder) => worker.postMessage(order);

  return {
    async open(name, toPort) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const listener = (opened: { name: string; port: number }) => {
        if (opened.name === name) resolve(opened.port);
      };
      worker.on('message', listener);
      tell({ what: 'open', name, toPort });
      const port = await promise;
      worker.off('message', listener);
      return {
        name,
        port,
        cut: () => tell({ what: 'cut', name }),
        hold: () => tell({ what: 'hold', name }),
        slow: (delayMs) => tell({ what: 'delay', name, delayMs }),
        release: () => tell({ what: 'release', name }),
      };
    },
    close: async () => void (await worker.terminate()),
  };
}
