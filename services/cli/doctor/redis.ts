import { readFileSync } from 'node:fs';
import type { Store } from '../../core/redis/store.ts';
import { toMs } from '../../core/redis/time.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { withStore } from '../connect.ts';
import { getRedisUrl, type CliSettings } from '../settings.ts';
import { checkClock } from './clock.ts';
import { fault, type Finding } from './finding.ts';
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

async function look({ redis }: Store, settings: CliSettings): Promise<Finding[]> {
  const url = getRedisUrl(settings);
  const beforeMs = Date.now();
  const redisMs = toMs((await redis.time()) as [number, number]);
  const clock = checkClock({ redisMs, beforeMs, afterMs: Date.now() });
  const info = parseInfo(await redis.info());
  const { replicasRequired } = settings;
  return [
    await checkDefaultUser(url),
    ...checkRedisServer(info, { replicasRequired, appendfsync: findAppendfsync(info, url) }),
    clock,
  ];
}

/** INFO does not tell it, and CONFIG, which would tell passwords too, is not granted. */
function findAppendfsync(info: RedisInfo, url: URL): string | undefined {
  const file = info.get('config_file');
  if (!file || !/^(localhost|127\.|\[::1\])/.test(url.hostname)) return undefined;
  try {
    const settings = [...readFileSync(file, 'utf8').matchAll(/^\s*appendfsync\s+(\S+)/gm)];
    return settings.at(-1)?.[1] ?? 'everysec'; // Redis' default
  } catch {
    return undefined; // Another user's file.
  }
}
