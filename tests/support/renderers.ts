import { readdirSync, readFileSync } from 'node:fs';

/**
 * Stops all pages of the browsers that this process has started, as a machine that sleeps does: no timer and no script
 * runs. Returns what wakes them.
 */
export function putPagesToSleep(): () => void {
  const renderers = descendantsOf(process.pid).filter(isRenderer);
  if (renderers.length === 0) throw new TypeError('no page is open');
  for (const pid of renderers) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of renderers) process.kill(pid, 'SIGCONT');
  };
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map(allPids().map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Undefined if it has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  return Number(/^PPid:\s*(\d+)/m.exec(read(pid, 'status'))?.[1]) || undefined;
}

function isRenderer(pid: number): boolean {
  return read(pid, 'cmdline').includes('--type=renderer');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
