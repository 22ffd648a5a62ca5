import { fault, ok, warn, type Finding } from './finding.ts';
import { checkReplicas } from './redis-replicas.ts';

/** INFO of Redis, by field. */
export type RedisInfo = ReadonlyMap<string, string>;

const leastMajorVersion = 7; // users.acl needs its key permissions (%R~)
const fullShare = 0.95;
const nearlyFullShare = 0.8;

/** The fields of an answer to INFO. */
export function parseInfo(text: string): RedisInfo {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

/** Judges what INFO tells. `appendfsync` is what the configuration file says, where it can be read. */
export function checkRedisServer(
  info: RedisInfo,
  { replicasRequired, appendfsync }: { replicasRequired: number; appendfsync: string | undefined },
): Finding[] {
  return [
    checkVersion(info),
    checkPersistence(info, appendfsync),
    checkEviction(info),
    checkMemory(info),
    ...checkReplicas(info, replicasRequired),
  ];
}

function checkVersion(info: RedisInfo): Finding {
  const version = info.get('redis_version') ?? 'unknown';
  if (Number.parseInt(version, 10) >= leastMajorVersion) return ok('redis-version', `Redis is ${version}.`);
  return fault('redis-version', `Redis is ${version}.`, `Use Redis ${leastMajorVersion} or later.`);
}

function checkPersistence(info: RedisInfo, appendfsync: string | undefined): Finding {
  const check = 'redis-persistence';
  if (info.get('aof_enabled') !== '1') {
    const found = 'The append-only file is off: a crash of Redis would undo revocations that were confirmed.';
    return fault(check, found, 'Set appendonly yes in redis.conf, and at once by CONFIG SET appendonly yes.');
  }
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status'].find(
    (field) => info.get(field) !== 'ok',
  );
  if (failed) {
    const found = `The append-only file can't be written (${failed} is ${info.get(failed)}).`;
    return fault(check, found, "Look for a full or failing disk; Redis' log has the cause.");
  }
  if (appendfsync !== undefined && appendfsync !== 'always') {
    const found = `redis.conf says appendfsync ${appendfsync}: what was confirmed in the last second can get lost.`;
    return fault(check, found, 'Set appendfsync always in redis.conf and start Redis anew.');
  }
  const fsync = appendfsync ? `, and redis.conf says appendfsync ${appendfsync}` : '';
  return ok(check, `The append-only file is on and its last write went well${fsync}.`);
}

function checkEviction(info: RedisInfo): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return ok('redis-eviction', 'Redis throws no key away (noeviction).');
  return fault(
    'redis-eviction',
    `maxmemory-policy is ${policy}: Redis may throw sessions and tombstones away.`,
    'Set maxmemory-policy noeviction in redis.conf, and at once by CONFIG SET maxmemory-policy noeviction.',
  );
}

function checkMemory(info: RedisInfo): Finding {
  const check = 'redis-memory';
  const usedBytes = Number(info.get('used_memory'));
  const limitBytes = Number(info.get('maxmemory'));
  if (!(limitBytes > 0)) {
    const found = 'Redis has no memory limit: the system would kill it instead of it refusing writes.';
    return warn(check, found, 'Set maxmemory in redis.conf, at 1 KB for each live session and more.');
  }
  const share = usedBytes / limitBytes;
  const found = `Redis uses ${toMib(usedBytes)} of ${toMib(limitBytes)} MiB.`;
  if (share < nearlyFullShare) return ok(check, found);
  const change = 'Raise maxmemory in redis.conf: when it is full, sign-ins and renewals get 503.';
  return share < fullShare ? warn(check, found, change) : fault(check, found, change);
}

function toMib(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
