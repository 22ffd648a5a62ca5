import type { Holder } from '../../core/leases/holders.ts';
import type { RedisAddress } from '../../core/redis/redis-url.ts';
import { fault, ok, warn, type Finding } from './finding.ts';
import type { RedisInfo } from './redis-server.ts';

const longestLagSeconds = 10;
const slotCount = 16_384;
const raise =
  'Set REDIS_REPLICAS_REQUIRED to the number of all replicas that may be promoted, in each service.';

/** Says which kind of Redis it is; `infos` are those of its primaries, `cluster` is CLUSTER INFO of one of them. */
export function checkTopology(
  address: RedisAddress,
  infos: readonly RedisInfo[],
  cluster: RedisInfo = new Map(),
): Finding {
  const check = 'redis-topology';
  const replicas = infos.map(countReplicas);
  switch (address.topology) {
    case 'single':
      return ok(check, `One address of Redis, with ${replicas[0]} replicas: nobody follows a fail-over.`);
    case 'sentinel':
      return ok(check, `Sentinels name the primary of ${address.primaryName}, with ${replicas[0]} replicas.`);
    case 'cluster':
      return checkCluster(replicas, cluster);
  }
}

function checkCluster(replicas: readonly number[], info: RedisInfo): Finding {
  const served = Number(info.get('cluster_slots_ok') ?? 0);
  if (served < slotCount) {
    const lost = `${slotCount - served} of ${slotCount} slots of the cluster have no primary`;
    const change = 'Start their nodes, or have others serve them: CLUSTER NODES tells who had them.';
    return fault('redis-topology', `${lost}: the accounts in them get 503.`, change);
  }
  const found = `A Redis Cluster of ${replicas.length} primaries with ${replicas.join(', ')} replicas.`;
  if (replicas.length > 0 && replicas.every((count) => count > 0)) return ok('redis-topology', found);
  const change = 'Give each primary a replica: without one its accounts are out until it is back.';
  return warn('redis-topology', found, change);
}

/** Whether the replicas of a primary are there and whether what is acknowledged waits for all of them. */
export function checkReplicas(info: RedisInfo, required: number): Finding[] {
  const check = 'redis-replicas';
  if (info.get('role') !== 'master') {
    const found = `This Redis is a ${info.get('role')}: it may be behind, and refuses writes.`;
    return [fault(check, found, 'Set the address of the primary (REDIS_URL, BEDNET_REDIS_URL).')];
  }
  const connected = countReplicas(info);
  if (connected < required) {
    const found = `${connected} of ${required} replicas are connected: revocations get 503 as not durable.`;
    return [fault(check, found, 'Bring the replicas back, or lower REDIS_REPLICAS_REQUIRED.')];
  }
  const late = lagsOf(info).filter((lagSeconds) => lagSeconds > longestLagSeconds);
  if (late.length > 0) {
    const found = `${late.length} of ${connected} replicas lag behind, the slowest by ${Math.max(...late)} s.`;
    return [warn(check, found, "Look at the replicas' load and network; WAIT gives up after a second.")];
  }
  const found = `${connected} replicas are connected, ${required} required (REDIS_REPLICAS_REQUIRED)`;
  if (connected === required) return [ok(check, `${found}.`)];
  return [warn(check, `${found}: one that is promoted may lack revocations that were acknowledged.`, raise)];
}

/** Whether webhook services that answer from memory stay strict at a fail-over. None = the near cache is off. */
export function checkHolders(holders: readonly Holder[], info: RedisInfo): Finding[] {
  const check = 'near-cache';
  if (holders.length === 0) return [];
  const replicas = countReplicas(info);
  const lax = holders.filter(({ replicasRequired }) => replicasRequired < replicas);
  if (lax.length === 0) {
    const how = replicas === 0 ? 'with this Redis' : `and their leases are known to ${replicas} replicas`;
    return [ok(check, `${holders.length} webhook services may answer from memory, safely ${how}.`)];
  }
  const found = `${lax.length} webhook services answer from memory, but not all of the ${replicas} replicas know of their leases: a fail-over could bring stale grants.`;
  return [warn(check, found, raise)];
}

function countReplicas(info: RedisInfo): number {
  return Number(info.get('connected_slaves') ?? 0);
}

function lagsOf(info: RedisInfo): number[] {
  return [...info]
    .filter(([field]) => /^slave[0-9]+$/.test(field))
    .map(([, value]) => Number(/(?:^|,)lag=([0-9]+)/.exec(value)?.[1] ?? 0));
}
