import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The wall clock of one process, which can be set apart from all others'. */
export interface FalseClock {
  /** For the environment of that process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sets the clock to the true time plus this. The process notices within a second. */
  set(offsetSeconds: number): void;
}

/** Where Debian puts it, for each kind of machine. */
const libraries = '/usr/lib/*/faketime/libfaketimeMT.so.1';

/** Makes a false clock, or undefined where libfaketime is not installed. CLOCK_MONOTONIC stays as it is. */
export function makeFalseClock(folder: string): FalseClock | undefined {
  const [library] = globSync(libraries);
  if (library === undefined) return undefined;
  const file = join(folder, 'clock');
  const set = (offsetSeconds: number) =>
    writeFileSync(file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  set(0);
  const environment = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  return { environment, set };
}
