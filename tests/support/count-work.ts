import argon2 from 'argon2';
import type { Store } from '../../services/core/redis/store.ts';

/** Audit, and what each instance tells of itself from time to time. */
const keysBeside = /^bn:(\{audit\}:|\{.\}:activity:|\{keys\}:(instances|alive:)|\{sweep\}:)/;

/** Counts the argon2 computations that `work` causes. */
export async function countHashes(work: () => Promise<unknown>): Promise<number> {
  const { hash, verify } = argon2;
  let count = 0;
  argon2.hash = ((...args: Parameters<typeof hash>) => (count++, hash(...args))) as typeof hash;
  argon2.verify = ((...args: Parameters<typeof verify>) => (count++, verify(...args))) as typeof verify;
  try {
    await work();
  } finally {
    Object.assign(argon2, { hash, verify });
  }
  return count;
}

/**
 * The commands that Redis gets while `work` goes on, without those inside scripts and those that no answer waits
 * for. `store` may use MONITOR.
 */
export async function commandsOf(store: Store, work: () => Promise<unknown>): Promise<string[]> {
  const monitor = await store.redis.monitor();
  const commands: string[] = [];
  monitor.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
    if (source !== 'lua' && !args.some((arg) => keysBeside.test(arg))) commands.push(name.toLowerCase());
  });
  await work();
  await store.redis.echo('end');
  while (!commands.includes('echo')) await new Promise((resolve) => setImmediate(resolve));
  monitor.disconnect();
  return commands.slice(0, commands.indexOf('echo'));
}
