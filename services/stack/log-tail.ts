import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const maxTailBytes = 64 * 1024;
const faultWords = /error|fatal|fault|invalid|missing|can't|cannot|unable|wrong/i;

/** The size of a log in bytes, 0 if there is none yet. */
export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The lines of a log that were written at or after `fromByte`: of a long one the last 64 KiB. */
export function readLogLines(file: string, fromByte = 0): string[] {
  if (logSize(file) === 0) return [];
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(fromByte, size - maxTailBytes);
    const bytes = Buffer.alloc(Math.max(size - start, 0));
    const count = readSync(descriptor, bytes, 0, bytes.length, start);
    return bytes
      .toString('utf8', 0, count)
      .split('\n')
      .filter((line) => line.trim() !== '');
  } finally {
    closeSync(descriptor);
  }
}

/** The first line that sounds like a fault, or undefined. */
export function findFault(lines: readonly string[]): string | undefined {
  return lines.map(messageOf).find((line) => faultWords.test(line));
}

/** Why a program gave up while it started: the first line that sounds like a fault, else the last line. */
export function findReason(lines: readonly string[]): string | undefined {
  return findFault(lines) ?? lines.map(messageOf).at(-1);
}

/** The message of a pino line, or the line itself. */
function messageOf(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: unknown; err?: { message?: string } };
    return [msg, err?.message].filter((text) => typeof text === 'string').join(': ') || line;
  } catch {
    return line.trim();
  }
}
