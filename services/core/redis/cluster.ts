import { Cluster, Command, type ChainableCommander, type Redis } from 'ioredis';
import { isLoopback, type RedisHost } from './redis-url.ts';
import { openSpreadPipeline } from './spread-pipeline.ts';

/** The map of the cluster is read anew so long after a node was lost, each second, and at once after a `MOVED`. */
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
    // What was sent on a connection that broke may have been carried out: it is not sent again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // For nodes that are just being connected to; StoreCluster refuses what would wait for the cluster itself.
    enableOfflineQueue: true,
    scaleReads: 'master',
    ...(hasTls && { dnsLookup: (host, callback) => callback(null, host) }), // Certificates have names.
  });
  tellCauses(cluster);
  cluster.on('+node', (node: Redis) => {
    if (hasTls || isLoopback(node.options.host ?? '')) return void node.connect().catch(() => undefined);
    node.disconnect();
    cluster.emit('node error', new Error('a node is off this machine: use rediss+cluster://'), placeOf(node));
  });
  cluster.on('-node', () => setTimeout(() => cluster.refreshSlotsCache(), afterLossMs).unref());
  return cluster as unknown as Redis;
}

/** What ioredis tells when no node can be reached lacks the reason, and now and then it tells nothing. */
function tellCauses(cluster: StoreCluster): void {
  let cause: Error | undefined;
  cluster.on('node error', (error: Error) => {
    if (error.message !== 'Connection is closed.') cause = error;
  });
  cluster.on('error', (error: Error) => (error.cause ??= cause));
  cluster.on('close', () => {
    if (!cluster.isClosed) cluster.emit('error', new Error('None of startup nodes is available'));
  });
}

/**
 * Whether a key has had the same primary for longer than any command may take; without a key, whether all have. Before that,
 * what was written may have gone to the one before, which stood still, answered when it woke up, and forgets it as a replica
 * of the new one.
 */
export function hasLastingPrimary(redis: Redis, key?: string): boolean {
  if (!redis.isCluster) return true;
  const cluster = redis as unknown as StoreCluster;
  return cluster.isLasting(key === undefined ? undefined : new Command('get', [key]).getSlot());
}

const tickMs = 100;
const mapRefreshTicks = 10;
const afterCommandMs = 1000;

class StoreCluster extends Cluster {
  /** By slot: the primary of its commands, and since when. */
  readonly #sentTo = new Map<number, { place: string; sinceTick: number }>();
  /** By us. */
  isClosed = false;
  /** Counts turns rather than reads a clock: what this process has under way stands still with it. */
  #tick = 0;
  readonly #ticking = setInterval(() => this.#countTick(), tickMs).unref();

  isLasting(slot: number | undefined): boolean {
    const commandMs = this.options.redisOptions?.commandTimeout ?? 0;
    const sinceTick = slot === undefined ? this.#observeAll() : this.#observe(slot);
    return (this.#tick - sinceTick) * tickMs > commandMs + afterCommandMs;
  }

  /** With a timer of its own ioredis would go on for ever if it was closed while the map was on its way. */
  #countTick(): void {
    this.#tick += 1;
    if (this.#tick % mapRefreshTicks !== 0) return;
    this.#observeAll(); // So that a change counts from now on, not from when its slot is next needed.
    if (this.status === 'ready') this.refreshSlotsCache();
  }

  /** Since when all slots that something was sent to have had their primaries of now. */
  #observeAll(): number {
    return Math.max(...[...this.#sentTo.keys()].map((slot) => this.#observe(slot)));
  }

  /** Since when the slot has had its primary of now; at first nothing was sent to another one. */
  #observe(slot: number): number {
    const place = this.slots[slot]?.[0];
    if (place === undefined) return this.#tick;
    const known = this.#sentTo.get(slot);
    if (known?.place === place) return known.sinceTick;
    const sinceTick = known === undefined ? -Infinity : this.#tick;
    this.#sentTo.set(slot, { place, sinceTick });
    return sinceTick;
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) clearInterval(this.#ticking);
    this.isClosed ||= !reconnect;
    super.disconnect(reconnect);
  }

  override sendCommand(command: Command, stream?: undefined, node?: unknown): unknown {
    const slot: unknown = command.getSlot();
    if (typeof slot === 'number') this.#observe(slot);
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
