import type { FastifyInstance } from 'fastify';

/**
 * Warns each time that a connection to Redis is made if it has replicas that need not know of a lease: after a fail-over to
 * one of them nobody waits for this service.
 */
export function warnOfReplicas({ store: { redis }, log }: FastifyInstance, replicasRequired: number): void {
  async function look(): Promise<void> {
    const info = await redis.info('replication');
    const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0);
    if (replicas <= replicasRequired) return;
    const message =
      'a fail-over could bring stale grants: set REDIS_REPLICAS_REQUIRED to the number of replicas';
    log.warn({ event: 'leases-not-replicated', replicas, replicasRequired }, message);
  }

  const lookQuietly = () => void look().catch(() => undefined); // The next connection is looked at again.
  redis.on('ready', lookQuietly);
  if (redis.status === 'ready') lookQuietly();
}
