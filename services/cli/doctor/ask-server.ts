import { Redis, type RedisOptions } from 'ioredis';
import { outliveLateTlsErrors } from '../../core/redis/late-tls-errors.ts';
import type { RedisHost } from '../../core/redis/redis-url.ts';

const timeoutMs = 2000;

/** How to speak to one server: over TLS or not, and as whom, nobody by default. */
export type ServerAccess = Pick<RedisOptions, 'username' | 'password'> & { readonly hasTls: boolean };

/** Asks one server, a Sentinel too, on a connection of its own. Rejects with what refuses it, within some 2 s. */
export async function askServer<T>(
  place: RedisHost,
  { hasTls, ...user }: ServerAccess,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  if (hasTls) outliveLateTlsErrors();
  const redis = new Redis({
    ...place,
    ...user,
    ...(hasTls && { tls: {} }),
    ...{ lazyConnect: true, enableReadyCheck: false, disableClientInfo: true },
    ...{ connectTimeout: timeoutMs, commandTimeout: timeoutMs, maxRetriesPerRequest: 0 },
    retryStrategy: () => null,
  });
  let lastError: Error | undefined;
  redis.on('error', (error) => (lastError = error));
  try {
    return await ask(redis);
  } catch (error) {
    throw lastError ?? error; // The cause of a closed connection, rather than that it is closed.
  } finally {
    redis.disconnect();
  }
}
