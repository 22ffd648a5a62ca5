import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import { hasLastingPrimary, primaryOf } from './cluster.ts';

interface Run {
  id: string | undefined;
  /** What the server answers, undefined if it does not tell; rejects if it does not answer in time. */
  readonly learnt: Promise<string | undefined>;
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

/**
 * The same, waiting for the answer of a server that is connected now; rejects if there is none, or not for long enough, if it
 * does not answer within the timeout of a command, or does not tell which one it is, for then no two could be told apart.
 */
export async function learnServerOf(redis: Redis, key: string): Promise<string> {
  const run = runOf(redis, key);
  if (run === undefined) throw new Error('Redis connection is not ready');
  const id = await run.learnt;
  if (id === undefined) throw new Error('the server tells no run_id');
  return id;
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
    void askUntilAnswered(redis, () => connections === own);
  });
}

/** Asks again as long as the connection is the same: an answer that comes too late says nothing about the server. */
async function askUntilAnswered(redis: Redis, isSame: () => boolean): Promise<void> {
  while (isSame()) {
    const run: Run = { id: undefined, learnt: askServer(redis) };
    runs.set(redis, run);
    try {
      run.id = await run.learnt;
      return;
    } catch {
      await delay(retryDelayMs);
    }
  }
}

async function askServer(redis: Redis): Promise<string | undefined> {
  return /^run_id:([0-9a-f]{40})\r?$/m.exec(await redis.info('server'))?.[1];
}
