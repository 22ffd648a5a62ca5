import { Redis } from 'ioredis';

/** Asks one server on a connection of its own, which is closed behind it. Rejects when there is no answer in time. */
export async function askRedis<T>(
  url: string,
  ask: (redis: Redis) => Promise<T>,
  commandTimeout = 1000,
): Promise<T> {
  const redis = new Redis(url, {
    ...{ enableReadyCheck: false, disableClientInfo: true, maxRetriesPerRequest: 0, commandTimeout },
    retryStrategy: () => null,
  });
  redis.on('error', () => {}); // The command's own error says the same.
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** INFO of a server, or '' if it doesn't answer. */
export function infoOf(url: string): Promise<string> {
  return askRedis(url, (redis) => redis.info()).catch(() => '');
}
