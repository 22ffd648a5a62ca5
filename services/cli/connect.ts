import { once } from 'node:events';
import { BednetError } from '../core/errors.ts';
import { readRedisUrl } from '../core/redis/redis-url.ts';
import { isStoreUnavailable, openStore, type Store } from '../core/redis/store.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { getRedisUrl, type CliSettings } from './settings.ts';

const commandTimeoutMs = 2000;
const connectTimeoutMs = 2500;

/** Opens the store, does the work, closes it. Throws a CliError (Redis unreachable) if Redis can't serve it. */
export async function withStore<T>(settings: CliSettings, work: (store: Store) => Promise<T>): Promise<T> {
  const url = getRedisUrl(settings);
  const store = openStore({
    url,
    commandTimeoutMs,
    replicasRequired: settings.replicasRequired,
  });
  try {
    await untilConnected(store, url);
    return await work(store);
  } catch (error) {
    throw isRedisFault(error) ? unreachable(url, error) : error;
  } finally {
    store.close();
  }
}

/** Rejects at the first connection error: a command line is better told at once than kept waiting. */
async function untilConnected({ redis }: Store, url: string): Promise<void> {
  try {
    await once(redis, 'ready', { signal: AbortSignal.timeout(connectTimeoutMs) });
  } catch (error) {
    throw unreachable(url, error);
  }
}

function isRedisFault(error: unknown): boolean {
  if (error instanceof BednetError) return error.code === 'SYS_NOT_DURABLE';
  if (!(error instanceof Error)) return false;
  return isStoreUnavailable(error) || ['AbortError', 'TimeoutError', 'ReplyError'].includes(error.name);
}

function unreachable(url: string, error: unknown): CliError {
  const places = readRedisUrl(url).hosts.map(({ host, port }) => `${host}:${port}`);
  return new CliError(
    `Redis at ${places.join(', ')} can't serve this: ${reasonOf(error as Error)}`,
    exitCodes.redisUnreachable,
    error,
  );
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof BednetError) return error.message;
  if (error.name === 'AbortError' || error.message === 'Command timed out') return 'no answer';
  if (error.cause instanceof Error) return `${error.message} ${error.cause.message}`;
  return typeof error.code === 'string' ? error.code : error.message;
}
