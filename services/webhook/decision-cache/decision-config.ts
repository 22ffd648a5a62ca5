import { dirname, isAbsolute } from 'node:path';
import { Type } from 'typebox';
import type { SettingFault } from '../../core/settings/read-settings.ts';
import { isInMemory } from '../../core/settings/tmpfs.ts';

/** Settings of the decision cache: environment variables. */
export const decisionCacheProperties = {
  COUNTER_FILE: Type.Optional(
    Type.String({ description: 'the absolute path of a file on tmpfs, of which each service has its own' }),
  ),
};

/** Faults that one setting alone does not show, and those of the place. */
export function findCounterFileFaults({
  COUNTER_FILE: path,
  NEAR_CACHE,
}: {
  readonly COUNTER_FILE?: string;
  readonly NEAR_CACHE?: string;
}): SettingFault[] {
  if (path === undefined) return [];
  const faults = [NEAR_CACHE === 'on' ? undefined : 'needs NEAR_CACHE=on', findPlaceFault(path)];
  return faults.filter((fault) => fault !== undefined).map((fault) => ({ name: 'COUNTER_FILE', fault }));
}

function findPlaceFault(path: string): string | undefined {
  if (!isAbsolute(path)) return 'is no absolute path';
  try {
    return isInMemory(dirname(path)) ? undefined : 'is not on tmpfs, as a folder of /dev/shm is';
  } catch (error) {
    return `can't be used: ${(error as Error).message}`;
  }
}
