import { readFileSync, readdirSync } from 'node:fs';
import { Redis } from 'ioredis';
import { BednetError } from '../errors.ts';
import { barrierKey } from './keys.ts';

const scriptsFolder = new URL('../../../redis/scripts/', import.meta.url);

/** How to reach Redis and what "durable" means. */
export interface StoreOptions {
  /** `redis://user:password@host:port`, or `rediss://` for TLS. */
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
  readonly redis: Redis;
  /** Runs one file of redis/scripts by EVALSHA, loading it where needed. */
  run(script: string, keys: string[], args: (string | number)[]): Promise<ScriptAnswer>;
  /** Returns once earlier writes are as durable as configured; else throws SYS_NOT_DURABLE (Redis docs, WAIT). */
  confirmDurable(): Promise<void>;
  close(): void;
}

/**
 * Opens the store. Commands fail at once while the connection is down (no offline queue), and no command is sent
 * twice: the caller decides whether a repeat is safe.
 */
export function openStore(options: StoreOptions): Store {
  const redis = new Redis(options.url, {
    commandTimeout: options.commandTimeoutMs,
    connectTimeout: 2000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    retryStrategy: (attempt) => Math.min(attempt * 20, 500),
  });
  redis.on('error', (error: Error) => options.onError?.(error));
  defineScripts(redis);
  const barrier = openBarrier(redis, options.replicasRequired ?? 0);
  return {
    redis,
    run: (script, keys, args) => runScript(redis, script, keys, args),
    confirmDurable: () => barrier.confirm(),
    close: () => {
      redis.disconnect();
      barrier.close();
    },
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
    /^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS|TRYAGAIN|OOM|UNKILLABLE)\b/.test(
      error.message,
    ) ||
    /^(Command timed out|Connection is closed|Stream isn't writeable|Reached the max retries|Redis connection is not ready)/.test(
      error.message,
    ) ||
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST)/.test((error as NodeJS.ErrnoException).code ?? '')
  );
}

type ScriptCommand = (...args: (string | number)[]) => Promise<ScriptAnswer | string>;

function defineScripts(redis: Redis): void {
  for (const file of readdirSync(scriptsFolder)) {
    if (!file.endsWith('.lua')) continue;
    redis.defineCommand(commandName(file.slice(0, -4)), {
      lua: readFileSync(new URL(file, scriptsFolder), 'utf8'),
    });
  }
}

async function runScript(
  redis: Redis,
  script: string,
  keys: string[],
  args: (string | number)[],
): Promise<ScriptAnswer> {
  const commands = redis as unknown as Record<string, ScriptCommand | undefined>;
  const command = commands[commandName(script)];
  if (!command) throw new TypeError(`there is no script redis/scripts/${script}.lua`);
  const answer = await command.call(redis, keys.length, ...keys, ...args);
  return typeof answer === 'string' ? [answer] : answer;
}

function commandName(script: string): string {
  return `bednet:${script}`;
}

/**
 * WAIT holds up its connection, so it has one of its own. Replicas take writes in their order: the one that has the
 * barrier has all that was written before it, by whichever connection.
 */
function openBarrier(redis: Redis, replicasRequired: number) {
  if (replicasRequired === 0) return { confirm: () => Promise.resolve(), close: () => {} };
  const own = redis.duplicate({ enableOfflineQueue: true, commandTimeout: 2000 });
  own.on('error', () => {}); // The main connection tells of the same trouble.

  async function countReplicas(): Promise<number> {
    const written = own.set(barrierKey, '1', 'EX', 60);
    const [, confirmed] = await Promise.all([written, own.wait(replicasRequired, 1000)]);
    return confirmed;
  }

  return {
    async confirm() {
      const confirmed = await countReplicas().catch((cause: unknown) => {
        throw new BednetError('SYS_NOT_DURABLE', { cause });
      });
      if (confirmed < replicasRequired) throw new BednetError('SYS_NOT_DURABLE');
    },
    close: () => own.disconnect(),
  };
}
