/**
 * Throws an Error unless a process may have `needed` files and sockets open; `limits` is the text of /proc/self/limits, which
 * those that it starts inherit.
 */
export function assertFilesEnough(limits: string, needed: number): void {
  const most = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  if (most === 'unlimited' || Number(most) >= needed) return;
  throw new Error(`needs ${needed} open files, the limit is ${most ?? 'unknown'}: raise it by ulimit -n`);
}
