import { Redis } from 'ioredis';
import { isLoopback, type RedisAddress } from './redis-url.ts';
import { watchSentinels } from './watch-sentinels.ts';

type SentinelAddress = RedisAddress & { topology: 'sentinel' };

const afterEndMs = 50;

/**
 * Connects to the primary that the Sentinels name. The connection is given up as soon as one of them names another: the old
 * one may still answer.
 */
export function connectBySentinels(
  address: SentinelAddress,
  redisOptions: Readonly<Record<string, unknown>>,
): Redis {
  let told: string | undefined;
  const watch = watchSentinels(address, (primary) => leaveUnlessAt(primary));
  const redis = new Redis({
    ...redisOptions,
    ...sentinelOptions(address),
    natMap: (place: string) => {
      assertReachable(place, address);
      told = place; // At last that of the primary: those of other Sentinels come before it.
      return null;
    },
  });
  const leaveUnlessAt = (primary: string | undefined) => {
    // What ends a connection in order would wait for an answer, and the old primary may stand still.
    if (primary !== undefined && told !== undefined && primary !== told) redis.stream?.destroy();
  };
  // Before all others hear of it: ioredis itself says only that a connection is closed.
  redis.on('error', (error: Error) => {
    if (error.message.startsWith('All sentinels')) error.cause ??= watch.lastError();
  });
  // Told of a fail-over while it was connecting, and then led to the old one by a Sentinel that lags behind.
  redis.on('ready', () => leaveUnlessAt(watch.newest()));
  connectAgain(redis, watch.close);
  return redis;
}

/** ioredis gives up for good when it is told to connect anew while it is connecting. */
function connectAgain(redis: Redis, onClosed: () => void): void {
  const disconnect = redis.disconnect.bind(redis);
  let isClosed = false;
  redis.disconnect = (reconnect = false) => {
    isClosed ||= !reconnect;
    disconnect(reconnect);
    if (isClosed) onClosed();
  };
  redis.on('end', () => {
    const connect = () => isClosed || redis.connect().catch(() => undefined); // It ends again, and is told as an error.
    setTimeout(connect, afterEndMs).unref();
  });
}

function sentinelOptions(address: SentinelAddress) {
  return {
    sentinels: [...address.hosts],
    name: address.primaryName,
    ...(address.sentinelUsername !== undefined && { sentinelUsername: address.sentinelUsername }),
    sentinelPassword: address.sentinelPassword,
    ...(address.hasTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: 1000,
    sentinelRetryStrategy: (attempt: number) => Math.min(attempt * 20, 500),
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

function assertReachable(place: string, { hasTls }: SentinelAddress): void {
  if (!hasTls && !isLoopback(place.slice(0, place.lastIndexOf(':'))))
    throw new Error('the Sentinels name a primary off this machine: use rediss+sentinel://');
}
