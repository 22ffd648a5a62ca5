import { statfsSync } from 'node:fs';

/** statfs(2): tmpfs and ramfs. */
const memoryTypes: readonly number[] = [0x0102_1994, 0x8584_58f6];

/** Whether a folder or file lies in memory, not on a disk. Throws what the system says, ENOENT if it isn't there. */
export function isInMemory(path: string): boolean {
  return memoryTypes.includes(statfsSync(path).type);
}
