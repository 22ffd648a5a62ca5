import { statSync } from 'node:fs';

/** The keys of one file. The file is looked at each second and read again when it changed: a rotation needs no restart. */
export interface KeyRing<Key extends { kid: string }> {
  /** In the file's order: the first one signs or issues. */
  readonly keys: readonly Key[];
  /** How often the file changed into something that can't be used; the keys before it stay in force then. */
  readonly faults: number;
  /** The key of a kid. An unknown kid is reason to look at the file at once, ten times a second at most. */
  find(kid: string): Key | undefined;
  /** Reads the file if it changed since it was last read. */
  reload(): void;
  /** Calls `listener` after each change of the file that could be read. */
  onChange(listener: () => void): void;
  close(): void;
}

/** Where the keys of a ring come from, and who is told of trouble. */
export interface KeyRingSource<Key> {
  file: string;
  /** Throws an Error that names the fault of a file that can't be used. */
  read(file: string): readonly Key[];
  /** What start-up read. */
  keys: readonly Key[];
  onFault(error: unknown): void;
}

const lookEveryMs = 1000;
const leastBetweenLooksMs = 100;

/** Opens a ring and starts to watch its file; `close` ends that. */
export function openKeyRing<Key extends { kid: string }>({
  file,
  read,
  keys: initial,
  onFault,
}: KeyRingSource<Key>): KeyRing<Key> {
  let keys = initial;
  let faults = 0;
  let seen = '';
  let lookedAtMs = -Infinity;
  const listeners: (() => void)[] = [];

  function reload(): void {
    lookedAtMs = performance.now();
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      keys = read(file);
    } catch (error) {
      faults += 1;
      onFault(error);
      return;
    }
    for (const listener of listeners) listener();
  }

  const timer = setInterval(reload, lookEveryMs).unref();
  return {
    get keys() {
      return keys;
    },
    get faults() {
      return faults;
    },
    find(kid) {
      const known = keys.find((key) => key.kid === kid);
      if (known || performance.now() - lookedAtMs < leastBetweenLooksMs) return known;
      reload();
      return keys.find((key) => key.kid === kid);
    },
    reload,
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/** Differs for each version of a file, also where it was replaced by rename; a missing file has a stamp of its own. */
function stampOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : 'missing';
}
