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

/** All that can be seen of Redis with the rights of the command line. Throws a CliError for a wrong address. */
export async function checkRedis(
  settings: CliSettings,
): Promise<{ findings: Finding[]; isReachable: boolean }> {
  try {
    const findings = await withStore(settings, (store) => look(store, settings));
    return { findings, isReachable: true };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.redisUnreachable) throw error;
    const change = 'make up, or set BEDNET_REDIS_URL; the log of Redis says why it ended.';
    return { findings: [fault('redis', `${error.message}.`, change)], isReachable: false };
  }
}

async function look(store: Store, settings: CliSettings): Promise<Finding[]> {
  const address = readRedisUrl(getRedisUrl(settings));
  const primaries = store.primaries();
  const looks = await Promise.all(primaries.map((primary) => lookAt(primary, { ...settings, address })));
  const infos = looks.map(({ info }) => info);
  const [first] = infos;
  return [
    checkTopology(address, infos),
    ...looks.flatMap(({ findings }) => findings),
    ...(first === undefined || address.topology === 'cluster'
      ? []
      : checkHolders(await readHolders(store), first)),
  ];
}

async function lookAt(
  redis: Redis,
  { replicasRequired, address }: { replicasRequired: number; address: RedisAddress },
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
