import { Redis } from 'ioredis';
import { connectBySentinels } from './by-sentinels.ts';
import { connectCluster } from './cluster.ts';
import { outliveLateTlsErrors } from './late-tls-errors.ts';
import { readRedisUrl, type RedisAddress } from './redis-url.ts';

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
  if (address.hasTls) outliveLateTlsErrors();
  const shared = sharedOptions(address, commandTimeoutMs);
  switch (address.topology) {
    case 'cluster':
      return connectCluster(address, shared);
    case 'sentinel':
      return connectBySentinels(address, { ...shared, ...oneServerOptions });
    case 'single':
      return new Redis({ ...shared, ...oneServerOptions, ...address.hosts[0] });
  }
}

const oneServerOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  retryStrategy: (attempt: number) => Math.min(attempt * 20, 500),
};

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
