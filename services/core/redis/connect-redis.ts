import { Redis } from 'ioredis';
import { connectCluster } from './cluster.ts';
import { isLoopback, readRedisUrl, type RedisAddress } from './redis-url.ts';

const afterEndMs = 50;

/** How a connection behaves. */
export interface ConnectOptions {
  /** See readRedisUrl. */
  readonly url: string;
  /** A command without an answer fails after this time. */
  readonly commandTimeoutMs: number;
}

/**
 * Connects to one Redis, to the primary that Sentinels name, or to a cluster, which takes the same commands. Commands fail at
 * once while there is no connection (no offline queue), and no command is sent twice: the caller decides whether a repeat is
 * safe.
 */
export function connectRedis({ url, commandTimeoutMs }: ConnectOptions): Redis {
  const address = readRedisUrl(url);
  const shared = sharedOptions(address, commandTimeoutMs);
  if (address.topology === 'cluster') return connectCluster(address, shared);
  const redis = new Redis({
    ...shared,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt: number) => Math.min(attempt * 20, 500),
    ...(address.topology === 'single' ? address.hosts[0] : sentinelOptions(address)),
  });
  if (address.topology === 'sentinel') connectAgain(redis);
  return redis;
}

/** ioredis gives up for good when a Sentinel tells of a new primary while it is connecting to the old one. */
function connectAgain(redis: Redis): void {
  const disconnect = redis.disconnect.bind(redis);
  let isClosed = false;
  redis.disconnect = (reconnect = false) => {
    isClosed ||= !reconnect;
    disconnect(reconnect);
  };
  redis.on('end', () => {
    const connect = () => isClosed || redis.connect().catch(() => undefined); // It ends again, and is told as an error.
    setTimeout(connect, afterEndMs).unref();
  });
}

function sharedOptions({ username, password, hasTls }: RedisAddress, commandTimeoutMs: number) {
  return {
    ...{ username, password },
    ...(hasTls && { tls: {} }),
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
  };
}

/** A connection is given up as soon as a Sentinel tells of another primary: the old one may still answer. */
function sentinelOptions(address: RedisAddress & { topology: 'sentinel' }) {
  return {
    sentinels: [...address.hosts],
    name: address.primaryName,
    ...(address.sentinelUsername !== undefined && { sentinelUsername: address.sentinelUsername }),
    sentinelPassword: address.sentinelPassword,
    ...(address.hasTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: 1000,
    sentinelRetryStrategy: (attempt: number) => Math.min(attempt * 20, 500),
    failoverDetector: true,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    natMap: (told: string) => {
      if (!address.hasTls && !isLoopback(told.slice(0, told.lastIndexOf(':'))))
        throw new Error('the Sentinels name a primary off this machine: use rediss+sentinel://');
      return null;
    },
  };
}
