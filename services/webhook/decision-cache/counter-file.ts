import { randomBytes, randomFillSync } from 'node:crypto';
import { closeSync, fchmodSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { headerBytes, layoutVersion, magic, offsets, slotCount, stampOffset } from './layout.ts';

/** A counter file that this process writes. Each function throws what the system says. */
export interface CounterFile {
  /** Names this file, in 16 hex digits. */
  readonly epoch: string;
  /** Voids the grants of a slot. */
  bump(slot: number): void;
  /** Voids all grants. */
  bumpAll(): void;
  /** Until when grants may be used, by both clocks of the machine; 0 = no more. */
  writeDeadlines(steadyNs: bigint, wallMs: bigint): void;
  /** Whether the name of the file belongs to another file by now. */
  isReplaced(): boolean;
  close(): void;
}

/**
 * Makes the file anew at `path`, readable by all, and puts it in the place of one that may be there. All its bytes are
 * written now, so that memory can't run out later. No stamp comes twice: each is 64 random bits.
 */
export function createCounterFile(path: string, { leaseMs }: { leaseMs: number }): CounterFile {
  const epoch = newEpoch();
  const draft = `${path}.${epoch}`;
  const fd = openSync(draft, 'wx', 0o644);
  try {
    writeWhole(fd, firstBytes(epoch, leaseMs));
    fchmodSync(fd, 0o644);
    renameSync(draft, path);
  } catch (error) {
    closeSync(fd);
    rmSync(draft, { force: true });
    throw error;
  }
  const nextStamp = openStamps();
  const number = Buffer.alloc(8);

  function write(bytes: Buffer, offset: number, position: number): void {
    if (writeSync(fd, bytes, offset, 8, position) !== 8) throw new Error(`${path}: a number was cut short`);
  }

  function writeNumber(value: bigint, position: number): void {
    number.writeBigUInt64LE(value);
    write(number, 0, position);
  }

  return {
    epoch,
    bump: (slot) => write(...nextStamp(), stampOffset(slot)),
    bumpAll: () => write(...nextStamp(), offsets.globalStamp),
    writeDeadlines(steadyNs, wallMs) {
      writeNumber(wallMs, offsets.wallDeadlineMs);
      writeNumber(steadyNs, offsets.steadyDeadlineNs);
    },
    isReplaced: () => fstatSync(fd).nlink === 0,
    close: () => closeSync(fd),
  };
}

/** 64 random bits, not all of them 0. */
function newEpoch(): string {
  const epoch = randomBytes(8).toString('hex');
  return /^0+$/.test(epoch) ? newEpoch() : epoch;
}

function firstBytes(epoch: string, leaseMs: number): Buffer {
  if (endianness() !== 'LE') throw new Error('the counter file is for little-endian machines');
  const bytes = Buffer.alloc(stampOffset(slotCount));
  magic.copy(bytes);
  bytes.writeUInt32LE(layoutVersion, offsets.layoutVersion);
  bytes.writeUInt32LE(headerBytes, offsets.headerBytes);
  bytes.writeBigUInt64LE(BigInt(`0x${epoch}`), offsets.epoch);
  bytes.writeBigUInt64LE(BigInt(slotCount), offsets.slotCount);
  bytes.writeBigUInt64LE(BigInt(leaseMs) * 1_000_000n, offsets.leaseNs);
  randomFillSync(bytes, offsets.globalStamp, 8);
  randomFillSync(bytes, headerBytes);
  return bytes;
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** Random numbers by the thousand: one by one they would cost more than the write. */
function openStamps(): () => [bytes: Buffer, offset: number] {
  const stock = Buffer.alloc(8192);
  let used = stock.length;
  return () => {
    if (used === stock.length) {
      randomFillSync(stock);
      used = 0;
    }
    used += 8;
    return [stock, used - 8];
  };
}
