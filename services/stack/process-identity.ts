import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** One process and no later one that gets its pid: when it started, in clock ticks since this boot. */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
  bootId: string;
}

/** The identity of a running process, or undefined if there is none with this pid (a zombie counts as ended). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // proc(5): field 2 (comm) may hold blanks and brackets, so count from the last bracket: 3 = state, 22 = start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, startTicks: Number(fields[19]), bootId: bootId() };
}

/** Whether this very process still runs. */
export function isRunning(process: ProcessIdentity): boolean {
  const current = identifyProcess(process.pid);
  return current?.startTicks === process.startTicks && current.bootId === process.bootId;
}

/** Asks a process to end, waits up to `patienceMs`, then kills it. Never signals another process of that pid. */
export async function endProcess(target: ProcessIdentity, patienceMs: number): Promise<void> {
  signal(target, 'SIGTERM');
  signal(target, 'SIGCONT'); // A frozen process sees the SIGTERM only when it goes on.
  if (await untilEnded(target, patienceMs)) return;
  signal(target, 'SIGKILL');
  await untilEnded(target, patienceMs);
}

function signal(target: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(target)) return;
  try {
    process.kill(target.pid, name);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilEnded(target: ProcessIdentity, patienceMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + patienceMs;
  while (isRunning(target)) {
    if (performance.now() > deadlineMs) return false;
    await delay(20);
  }
  return true;
}

function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
