import { readFileSync, readdirSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { openBarrier } from './barrier.ts';
import { primariesOf } from './cluster.ts';
import { connectRedis } from './connect-redis.ts';
import { learnServers, serverOf } from './server-identity.ts';

const scriptsFolder = new URL('../../../redis/scripts/', import.meta.url);

/** How to reach Redis and what "durable" means. */
export interface StoreOptions {
  /** One Redis, Sentinels or a cluster: see readRedisUrl. */
  url: string;
  /** A command without an answer fails after this time. */
  commandTimeoutMs: number;
  /** Replicas that must have confirmed a security write; 0 = the primary's own disk only. */
  replicasRequired?: number;
  /** Told of every connection error, for the log. */
  onError?: (error: Error) => void;
}

/** An answer of a script: its outcome word, then its values. */
export type ScriptAnswer = [outcome: string, ...values: (string | number)[]];

/** The connection to Redis with the project's scripts. */
export interface Store {
  /** In a cluster it takes the same commands, and finds their nodes; a command without a key goes to any of them. */
  readonly redis: Redis;
  /** Runs one file of redis/scripts by EVALSHA, loading it where needed. */
  run(script: string, keys: string[], args: (string | number)[]): Promise<ScriptAnswer>;
  /**
   * Returns once earlier writes are as durable as configured; else throws SYS_NOT_DURABLE. In a cluster it is about the
   * primary that has `key`, or without it about all primaries. Call it right after the write.
   */
  confirmDurable(key?: string): Promise<void>;
  /** The connections to all primaries: one, but in a cluster. */
  primaries(): Redis[];
  /** Which start of which server answers commands on a key; undefined while that is not known. */
  serverOf(key: string): string | undefined;
  close(): void;
  /** By `close`: the connection may end otherwise, too, and comes back. */
  isClosed(): boolean;
}

/** Opens the store; it connects by itself, again and again. */
export function openStore({ url, commandTimeoutMs, replicasRequired = 0, onError }: StoreOptions): Store {
  const redis = connectRedis({ url, commandTimeoutMs });
  redis.on('error', (error: Error) => onError?.(error));
  redis.on('node error', (error: Error) => onError?.(error));
  learnServers(redis);
  const scripts = defineScripts(redis);
  const barrier = openBarrier(redis, url, replicasRequired);
  let isClosed = false;
  return {
    redis,
    run: (script, keys, args) => runScript(scripts.get(script), script, keys, args),
    confirmDurable: (key) => barrier.confirm(key),
    primaries: () => primariesOf(redis),
    serverOf: (key) => serverOf(redis, key),
    close: () => {
      isClosed = true;
      redis.disconnect();
      barrier.close();
    },
    isClosed: () => isClosed,
  };
}

/** Returns once the store is connected and answers; throws the last connection error after `timeoutMs`. */
export async function untilReady(store: Store, timeoutMs: number): Promise<void> {
  if (store.redis.status === 'ready') return;
  let lastError: Error | undefined;
  const remember = (error: Error) => (lastError = error);
  store.redis.on('error', remember);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(lastError ?? new Error('no answer from Redis')), timeoutMs);
  store.redis.once('ready', resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    store.redis.off('ready', resolve);
    store.redis.off('error', remember);
  }
}

/** Whether an error means that Redis is out of reach or can't serve now, so that the answer is 503. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    /^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS|TRYAGAIN|MOVED|ASK|OOM|UNKILLABLE|UNBLOCKED)\b/.test(
      error.message,
    ) ||
    /^(Command timed out|Connection is closed|Stream isn't writeable|Reached the max retries|Redis connection is not ready|Too many Cluster redirections|None of startup nodes|Cluster is ended|Failed to refresh slots cache)/.test(
      error.message,
    ) ||
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST)/.test((error as NodeJS.ErrnoException).code ?? '')
  );
}

type ScriptCommand = (...args: (string | number)[]) => Promise<ScriptAnswer | string>;

/** The scripts by name. The client itself knows none of them: each pipeline would copy all, which costs as much as a check. */
function defineScripts(redis: Redis): ReadonlyMap<string, ScriptCommand> {
  const scripts = new Map<string, ScriptCommand>();
  const beside = Object.create(redis, { scriptsSet: { value: {} } }) as Redis & Record<string, ScriptCommand>;
  for (const file of readdirSync(scriptsFolder)) {
    if (!file.endsWith('.lua')) continue;
    const name = file.slice(0, -4);
    beside.defineCommand(name, { lua: readFileSync(new URL(file, scriptsFolder), 'utf8') });
    scripts.set(name, (beside[name] as ScriptCommand).bind(redis));
  }
  return scripts;
}

async function runScript(
  command: ScriptCommand | undefined,
  script: string,
  keys: string[],
  args: (string | number)[],
): Promise<ScriptAnswer> {
  if (!command) throw new TypeError(`there is no script redis/scripts/${script}.lua`);
  const answer = await command(keys.length, ...keys, ...args);
  return typeof answer === 'string' ? [answer] : answer;
}
