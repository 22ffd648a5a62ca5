import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

/** A counter file as the webhook writes it, so that tests of the plugin can say each of its words. */
export interface CounterFile {
  path: string;
  epoch: bigint;
  /** Both deadlines as far ahead as the lease allows. */
  renew: () => void;
  setSteadyDeadline: (ns: bigint) => void;
  setWallDeadline: (ms: bigint) => void;
  /** Revokes all that is remembered of that client id, and of those in its slot. */
  bump: (clientId: string) => void;
  bumpGlobal: () => void;
  /** Writes 8 bytes at an offset. */
  write: (offset: number, word: bigint) => void;
  slotOf: (clientId: string) => bigint;
  /** The header that lets a grant for that client id be remembered, here for an hour if not told. */
  offer: (clientId: string, untilNs?: bigint) => Record<string, string>;
}

export interface CounterFileOptions {
  path: string;
  slots?: number;
  leaseMs?: number;
  epoch?: bigint;
}

const HEADER_BYTES = 128;
const STEADY_DEADLINE_AT = 64;
const WALL_DEADLINE_AT = 72;
const GLOBAL_STAMP_AT = 80;
const HOUR_NS = 3_600_000_000_000n;

/** A new folder on tmpfs that goes with the test. */
export function makeMemoryFolder(t: Test): string {
  const folder = mkdtempSync('/dev/shm/bednet-counters-');
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Puts a new counter file in place with its lease running; an older one of that path is replaced. */
export function createCounterFile(
  t: Test,
  { path, slots = 1024, leaseMs = 10_000, epoch = newEpoch() }: CounterFileOptions,
): CounterFile {
  const fresh = join(`${path}.${randomBytes(4).toString('hex')}`);
  const descriptor = openSync(fresh, 'wx+', 0o644);
  t.teardown(() => closeSync(descriptor));
  const write = (offset: number, word: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, word));
    writeSync(descriptor, bytes, 0, 8, offset);
  };
  writeSync(descriptor, randomBytes(HEADER_BYTES + 8 * slots), 0, HEADER_BYTES + 8 * slots, 0);
  writeSync(descriptor, Buffer.from('BEDNETCF'), 0, 8, 0);
  write(8, (BigInt(HEADER_BYTES) << 32n) | 1n);
  write(16, epoch);
  write(24, BigInt(slots));
  write(32, BigInt(leaseMs) * 1_000_000n);

  const file = openFile({ path, epoch, slots, leaseMs }, write);
  file.renew();
  renameSync(fresh, path);
  return file;
}

/** Keeps the lease of a file running until the test ends or the returned function is called. */
export function keepRenewing(t: Test, file: CounterFile): () => void {
  const timer = setInterval(file.renew, 250);
  const stop = () => clearInterval(timer);
  t.teardown(stop);
  return stop;
}

/** Now by CLOCK_MONOTONIC, in ns. */
export const steadyNow = (): bigint => process.hrtime.bigint();

function openFile(
  { path, epoch, slots, leaseMs }: Required<CounterFileOptions>,
  write: CounterFile['write'],
): CounterFile {
  const slotOf = (clientId: string) => fnv1a(clientId) & BigInt(slots - 1);
  const setSteadyDeadline = (ns: bigint) => write(STEADY_DEADLINE_AT, ns);
  const setWallDeadline = (ms: bigint) => write(WALL_DEADLINE_AT, ms);
  return {
    path,
    epoch,
    write,
    slotOf,
    setSteadyDeadline,
    setWallDeadline,
    renew: () => {
      setSteadyDeadline(steadyNow() + BigInt(leaseMs) * 1_000_000n);
      setWallDeadline(BigInt(Date.now() + leaseMs));
    },
    bump: (clientId) => write(HEADER_BYTES + 8 * Number(slotOf(clientId)), random()),
    bumpGlobal: () => write(GLOBAL_STAMP_AT, random()),
    offer: (clientId, untilNs = steadyNow() + HOUR_NS) => ({
      'x-bednet-cache': `1 ${epoch.toString(16).padStart(16, '0')} ${slotOf(clientId)} ${untilNs}`,
    }),
  };
}

/** The first of its 16 hex digits is a letter. */
function newEpoch(): bigint {
  return random() | (0xan << 60n);
}

function random(): bigint {
  return randomBytes(8).readBigUInt64LE() | 1n;
}

function fnv1a(text: string): bigint {
  let hash = 14695981039346656037n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 1099511628211n);
  return hash;
}
