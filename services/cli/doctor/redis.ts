import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { readHolders } from '../../core/leases/holders.ts';
import { isLoopback, readRedisUrl, type RedisAddress, type RedisHost } from '../../core/redis/redis-url.ts';
import type { Store } from '../../core/redis/store.ts';
import { toMs } from '../../core/redis/time.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { withStore } from '../connect.ts';
import { getRedisUrl, type CliSettings } from '../settings.ts';
import { checkClock } from './clock.ts';
import { fault, type Finding } from './finding.ts';
import { checkHolders, checkTopology } from './redis-replicas.ts';
import { checkRedisServer, parseInfo, type RedisInfo } from './redis-server.ts';
import { checkDefaultUser } from './redis-users.ts';
import { checkSentinels } from './sentinels.ts';

/** All that can be seen of Redis with the rights of the command line. Throws a CliError for a wrong address. */
export async function checkRedis(
  settings: CliSettings,
): Promise<{ findings: Finding[]; isReachable: boolean }> {
  const sentinels: Finding[] = [];
  try {
    const address = readRedisUrl(getRedisUrl(settings));
    if (address.topology === 'sentinel') sentinels.push(...(await checkSentinels(address)));
    const findings = await withStore(settings, (store) => look(store, { ...settings, address }));
    return { findings: [...sentinels, ...findings], isReachable: true };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.redisUnreachable) throw error;
    const change = 'make up, or set BEDNET_REDIS_URL; the log of Redis says why it ended.';
    return { findings: [...sentinels, fault('redis', `${error.message}.`, change)], isReachable: false };
  }
}

interface Wanted {
  readonly replicasRequired: number;
  readonly address: RedisAddress;
}

async function look(store: Store, wanted: Wanted): Promise<Finding[]> {
  const { address } = wanted;
  if (address.topology === 'cluster') return lookAtCluster(store, wanted);
  const [primary] = store.primaries();
  if (primary === undefined) throw new TypeError('a store has a primary');
  const { info, findings } = await lookAt(primary, wanted);
  return [checkTopology(address, [info]), ...findings, ...checkHolders(await readHolders(store), info)];
}

/** Each primary by itself: one that is away is a fault, and no reason to be silent about the others. */
async function lookAtCluster(store: Store, wanted: Wanted): Promise<Finding[]> {
  const looks = await Promise.all(store.primaries().map((primary) => lookAtNode(primary, wanted)));
  const infos = looks.map(({ info }) => info);
  const state = looks.find((look) => look.state !== undefined)?.state;
  return [checkTopology(wanted.address, infos, state), ...looks.flatMap(({ findings }) => findings)];
}

async function lookAtNode(
  node: Redis,
  wanted: Wanted,
): Promise<{ info: RedisInfo; state?: RedisInfo; findings: Finding[] }> {
  const { host, port } = placeOf(node, wanted.address);
  try {
    const state = parseInfo(await node.cluster('INFO'));
    const { info, findings } = await lookAt(node, wanted);
    const named = findings.map((finding) => ({ ...finding, found: `${host}:${port}: ${finding.found}` }));
    return { info, state, findings: named };
  } catch (error) {
    const found = `${host}:${port} does not answer: ${(error as Error).message}.`;
    const change = 'Start it again, or wait until a replica has taken its place.';
    return { info: new Map(), findings: [fault('redis', found, change)] };
  }
}

async function lookAt(
  redis: Redis,
  { replicasRequired, address }: Wanted,
): Promise<{ info: RedisInfo; findings: Finding[] }> {
  const beforeMs = Date.now();
  const redisMs = toMs((await redis.time()) as [number, number]);
  const clock = checkClock({ redisMs, beforeMs, afterMs: Date.now() });
  const info = parseInfo(await redis.info());
  const place = placeOf(redis, address);
  const appendfsync = findAppendfsync(info, place);
  const findings = [
    await checkDefaultUser(place, address.hasTls),
    ...checkRedisServer(info, { replicasRequired, appendfsync }),
    clock,
  ];
  return { info, findings };
}

/** INFO does not tell it, and CONFIG, which would tell passwords too, is not granted. */
function findAppendfsync(info: RedisInfo, { host }: RedisHost): string | undefined {
  const file = info.get('config_file');
  if (!file || !isLoopback(host)) return undefined;
  try {
    const settings = [...readFileSync(file, 'utf8').matchAll(/^\s*appendfsync\s+(\S+)/gm)];
    return settings.at(-1)?.[1] ?? 'everysec'; // Redis' default
  } catch {
    return undefined; // Another user's file.
  }
}

/** Where a connection leads to: by the address, but Sentinels name another one. */
function placeOf({ options, stream }: Redis, { topology, hosts }: RedisAddress): RedisHost {
  if (topology === 'single') return hosts[0];
  if (topology === 'cluster') return { host: options.host ?? '', port: options.port ?? 0 };
  const { remoteAddress = '', remotePort = 0 } = stream;
  return { host: remoteAddress, port: remotePort };
}
