import { Cluster, Command, type ChainableCommander, type Redis } from 'ioredis';
import { isLoopback, type RedisHost } from './redis-url.ts';
import { openSpreadPipeline } from './spread-pipeline.ts';

/** How often the map of the cluster is read anew; a `MOVED` does so at once. */
const mapRefreshMs = 1000;

/** And so long after a node was lost. */
const afterLossMs = 100;

/** Whether a client speaks to a cluster. */
export function isCluster(redis: Redis): boolean {
  return redis.isCluster;
}

/** The connections to all primaries, in a lasting order; of a single Redis its own. */
export function primariesOf(redis: Redis): Redis[] {
  if (!redis.isCluster) return [redis];
  const nodes = (redis as unknown as Cluster).nodes('master');
  return nodes.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** The connection to the primary that has a key; undefined while that is not known. */
export function primaryOf(redis: Redis, key: string): Redis | undefined {
  if (!redis.isCluster) return redis;
  const cluster = redis as unknown as Cluster;
  const place = cluster.slots[new Command('get', [key]).getSlot()]?.[0];
  return cluster.nodes('master').find((node) => placeOf(node) === place);
}

/**
 * Connects to a Redis Cluster, to replicas too, as each may be the next primary; reads go to primaries only. The client stands
 * for a Redis: it takes the same commands, and its pipelines may hold keys of several nodes.
 */
export function connectCluster(
  { hosts, hasTls }: { readonly hosts: readonly RedisHost[]; readonly hasTls: boolean },
  redisOptions: Readonly<Record<string, unknown>>,
): Redis {
  const cluster = new StoreCluster([...hosts], {
    redisOptions: { ...redisOptions, autoResendUnfulfilledCommands: false, replyMapping: 'legacy' },
    clusterRetryStrategy: (attempt) => Math.min(attempt * 20, 500),
    slotsRefreshInterval: mapRefreshMs,
    // What was sent on a connection that broke may have been carried out: it is not sent again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // For nodes that are just being connected to; StoreCluster refuses what would wait for the cluster itself.
    enableOfflineQueue: true,
    scaleReads: 'master',
    ...(hasTls && { dnsLookup: (host, callback) => callback(null, host) }), // Certificates have names.
  });
  cluster.on('+node', (node: Redis) => {
    if (hasTls || isLoopback(node.options.host ?? '')) return void node.connect().catch(() => undefined);
    node.disconnect();
    cluster.emit('node error', new Error('a node is off this machine: use rediss+cluster://'), placeOf(node));
  });
  cluster.on('-node', () => setTimeout(() => cluster.refreshSlotsCache(), afterLossMs).unref());
  return cluster as unknown as Redis;
}

class StoreCluster extends Cluster {
  override sendCommand(command: Command, stream?: undefined, node?: unknown): unknown {
    if (this.status !== 'ready' && command.name !== 'cluster') {
      command.reject(new Error('Redis connection is not ready'));
      return command.promise;
    }
    command.setTimeout(this.options.redisOptions?.commandTimeout ?? 0); // Redirections are part of it.
    return super.sendCommand(command, stream, node);
  }

  override pipeline(): ChainableCommander {
    if (this.status !== 'ready') throw new Error('Redis connection is not ready');
    return openSpreadPipeline(() => super.pipeline());
  }
}

function placeOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}
