import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { hasLastingPrimary, primaryOf } from './cluster.ts';

interface Run {
  id: string | undefined;
  readonly learnt: Promise<string>;
}

const retryDelayMs = 50;
const runs = new WeakMap<Redis, Run>();

/** Has the start of each server that a connection leads to looked up when the connection is made. */
export function learnServers(redis: Redis): void {
  if (!redis.isCluster) return learnServer(redis);
  const cluster = redis as unknown as Cluster;
  for (const node of cluster.nodes()) learnServer(node);
  cluster.on('+node', learnServer);
}

/**
 * Which start of which server answers commands on a key; undefined while that is not known, or has just changed in a cluster. Two connections that name the
 * same one lead to the same primary: after a fail-over one of them may still lead to the old one.
 */
export function serverOf(redis: Redis, key: string): string | undefined {
  return runOf(redis, key)?.id;
}

/** The same, waiting for the answer of a server that is connected now; rejects if there is none, or not for long enough. */
export async function learnServerOf(redis: Redis, key: string): Promise<string> {
  const run = runOf(redis, key);
  if (run === undefined) throw new Error('Redis connection is not ready');
  return run.learnt;
}

function runOf(redis: Redis, key: string): Run | undefined {
  const primary = primaryOf(redis, key);
  return primary?.status === 'ready' && hasLastingPrimary(redis, key) ? runs.get(primary) : undefined;
}

function learnServer(redis: Redis): void {
  let connections = 0;
  redis.on('close', () => {
    connections += 1;
    runs.delete(redis);
  });
  redis.on('ready', () => {
    const own = connections;
    const learnt = askServer(redis, () => connections === own);
    const run: Run = { id: undefined, learnt };
    runs.set(redis, run);
    learnt.then(
      (id) => (run.id = id),
      () => undefined, // The connection is gone.
    );
  });
}

/**
 * Asks again as long as the connection is the same: an answer that comes too late says nothing about the server. Rejects for a
 * server that does not tell which one it is, for then no two could be told apart.
 */
async function askServer(redis: Redis, isSame: () => boolean): Promise<string> {
  const info = await askInfo(redis, isSame);
  const id = /^run_id:([0-9a-f]{40})\r?$/m.exec(info)?.[1];
  if (id === undefined) throw new Error('the server tells no run_id');
  return id;
}

async function askInfo(redis: Redis, isSame: () => boolean): Promise<string> {
  for (;;) {
    try {
      return await redis.info('server');
    } catch (error) {
      if (!isSame()) throw error;
      await delay(retryDelayMs);
    }
  }
}
