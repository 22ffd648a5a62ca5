import { watchFile, unwatchFile } from 'node:fs';
import { logSize, readLogLines } from './log-tail.ts';
import { partNames } from './part-names.ts';
import type { RunDir } from './run-dir.ts';

const levelNames: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** Prints the last lines of every log, each line behind its part's name; with `follow` goes on until interrupted. */
export async function showLogs(
  runDir: RunDir,
  options: { lineCount: number; follow: boolean },
): Promise<void> {
  for (const name of [...partNames, 'stack'] as const) {
    const file = runDir.logFile(name);
    print(name, readLogLines(file).slice(-options.lineCount));
    if (options.follow) followLog(name, file);
  }
  if (options.follow) await new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
  for (const name of [...partNames, 'stack'] as const) unwatchFile(runDir.logFile(name));
}

/** A pino line as `time LEVEL message key=value`; every other line as it is. */
export function readableLine(line: string): string {
  const fields = parseObject(line);
  if (!fields) return line;
  const { time, level, msg, pid: _pid, hostname: _hostname, ...rest } = fields;
  const stamp = typeof time === 'number' ? new Date(time).toISOString() : String(time ?? '');
  const details = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [stamp, levelNames[Number(level)] ?? level, msg, ...details].filter(Boolean).join(' ');
}

function followLog(name: string, file: string): void {
  let position = logSize(file);
  watchFile(file, { interval: 200 }, () => {
    const size = logSize(file);
    if (size < position) position = 0; // The log was truncated: it was rotated.
    print(name, readLogLines(file, position));
    position = size;
  });
}

function print(name: string, lines: readonly string[]): void {
  for (const line of lines) console.log(`${name.padEnd(9)} | ${readableLine(line)}`);
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
