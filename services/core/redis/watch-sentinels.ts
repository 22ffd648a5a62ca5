import { Redis } from 'ioredis';
import type { RedisAddress, RedisHost } from './redis-url.ts';

type SentinelAddress = RedisAddress & { topology: 'sentinel' };

/** Who is the primary, by the Sentinels. */
export interface SentinelWatch {
  /** `host:port` as the newest message of a fail-over has it, for 10 s; undefined before the first and after that time. */
  newest(): string | undefined;
  /** Why a Sentinel could not be reached the last time; undefined if none failed so far. */
  lastError(): Error | undefined;
  close(): void;
}

const commandTimeoutMs = 1000;
/** A Sentinel whose machine has vanished is given up some 10 s after that. */
const keepAliveMs = 5000;
/** Longer than a Sentinel lags behind the others. Then what they answer counts: the way back may have been told to nobody. */
const newsCountsMs = 10_000;

/**
 * Listens at all Sentinels, again whenever one is back, and tells `onNamed` the primary that one names: when it tells of
 * a fail-over, and after each time that nobody heard it, as one may have been missed.
 */
export function watchSentinels(address: SentinelAddress, onNamed: (primary: string) => void): SentinelWatch {
  let newest: { readonly primary: string; readonly heardAtMs: number } | undefined;
  let lastError: Error | undefined;
  const onSwitch = (primary: string) => {
    newest = { primary, heardAtMs: performance.now() };
    onNamed(primary);
  };
  const onError = (error: Error) => (lastError = error);
  const clients = address.hosts.map((host) => listenTo(host, address, { onSwitch, onNamed, onError }));
  return {
    newest: () =>
      newest !== undefined && performance.now() - newest.heardAtMs < newsCountsMs
        ? newest.primary
        : undefined,
    lastError: () => lastError,
    close: () => {
      for (const client of clients) client.disconnect();
    },
  };
}

interface Listeners {
  onSwitch(primary: string): void;
  onNamed(primary: string): void;
  onError(error: Error): void;
}

function listenTo(
  host: RedisHost,
  address: SentinelAddress,
  { onSwitch, onNamed, onError }: Listeners,
): Redis {
  const { primaryName } = address;
  const client = openSentinel(host, address, (attempt) => Math.min(attempt * 50, 1000));
  client.on('error', onError);
  client.on('message', (_channel: string, text: string) => {
    const [name, , , newHost, newPort] = text.split(' ');
    if (name === primaryName) onSwitch(`${newHost}:${newPort}`);
  });
  client.on('ready', async () => {
    try {
      await client.subscribe('+switch-master');
      const named = await askPrimary(host, address);
      if (named !== undefined) onNamed(named);
    } catch {
      client.disconnect(true); // And once more.
    }
  });
  return client;
}

/** On a connection of its own: one that listens takes no questions. */
async function askPrimary(host: RedisHost, address: SentinelAddress): Promise<string | undefined> {
  const client = openSentinel(host, address, () => null);
  try {
    const named = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', address.primaryName);
    return Array.isArray(named) ? named.join(':') : undefined;
  } finally {
    client.disconnect();
  }
}

function openSentinel(
  host: RedisHost,
  { hasTls, sentinelUsername, sentinelPassword }: SentinelAddress,
  retryStrategy: (attempt: number) => number | null,
): Redis {
  const client = new Redis({
    ...host,
    ...(sentinelUsername !== undefined && { username: sentinelUsername }),
    password: sentinelPassword,
    ...(hasTls && { tls: {} }),
    ...{ enableReadyCheck: false, disableClientInfo: true, autoResubscribe: false, maxRetriesPerRequest: 0 },
    ...{ connectTimeout: 2000, commandTimeout: commandTimeoutMs, keepAlive: keepAliveMs, retryStrategy },
  });
  client.on('error', () => {}); // The connection to Redis tells of it when no Sentinel names its primary.
  return client;
}
