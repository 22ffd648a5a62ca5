import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { longestLeaseMs } from '../../core/leases/holders.ts';
import { headerBytes, magic, offsets } from './layout.ts';

/**
 * Returns once nobody is granted anything by the counter file that may be at `path`: a service that died has left a
 * deadline. Throws if its service is alive, or if the file is none of ours.
 */
export async function awaitFormerOwner(path: string): Promise<void> {
  const left = readDeadlineNs(path);
  const aheadMs = Number(left - process.hrtime.bigint()) / 1e6;
  if (aheadMs <= 0) return;
  await delay(Math.min(Math.ceil(aheadMs) + 1, longestLeaseMs));
  if (readDeadlineNs(path) > process.hrtime.bigint())
    throw new Error('another service writes it: each service needs a file of its own');
}

/** 0 if there is no file. */
function readDeadlineNs(path: string): bigint {
  const header = readHeader(path);
  if (header === undefined) return 0n;
  if (header.subarray(0, magic.length).compare(magic) !== 0)
    throw new Error('another file is there, not a counter file');
  return header.readBigUInt64LE(offsets.steadyDeadlineNs);
}

function readHeader(path: string): Buffer | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const header = Buffer.alloc(headerBytes);
    readSync(fd, header, 0, headerBytes, 0);
    return header;
  } finally {
    closeSync(fd);
  }
}
