import { askRedis } from './ask-redis.ts';
import type { RedisNode } from './redis-node.ts';
import { until } from './until.ts';

export const host = '127.0.0.1';
export const primaryCount = 3;

/** A node of a cluster, which the others reach at a port of its own. */
export interface ClusterNode extends RedisNode {
  readonly busPort: number;
}

const slotCount = 16_384;

/** Makes a cluster of nodes: the first ones share the slots, each of the others is the replica of one of them. */
export async function meet(nodes: readonly ClusterNode[], urlOf: (node: RedisNode) => string): Promise<void> {
  const [first, ...others] = nodes as [ClusterNode, ...ClusterNode[]];
  const primaries = nodes.slice(0, primaryCount);
  const share = Math.ceil(slotCount / primaryCount);
  for (const [i, node] of primaries.entries()) {
    const [from, to] = [i * share, Math.min(slotCount, (i + 1) * share) - 1];
    await askRedis(urlOf(node), async (redis) => {
      await redis.cluster('ADDSLOTSRANGE', from, to);
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    });
  }
  for (const { port, busPort } of others)
    await askRedis(urlOf(first), (redis) => redis.call('CLUSTER', 'MEET', host, port, busPort));
  await until(async () => (await knownBy(nodes, urlOf)).every((count) => count === nodes.length), {
    what: 'nodes that met',
  });
  const ids = await Promise.all(
    primaries.map((node) => askRedis(urlOf(node), (redis) => redis.cluster('MYID'))),
  );
  for (const [i, node] of nodes.slice(primaryCount).entries())
    await askRedis(urlOf(node), (redis) => redis.call('CLUSTER', 'REPLICATE', String(ids[i])));
}

function knownBy(nodes: readonly RedisNode[], urlOf: (node: RedisNode) => string): Promise<number[]> {
  return Promise.all(
    nodes.map((node) =>
      askRedis(
        urlOf(node),
        async (redis) =>
          String(await redis.cluster('NODES'))
            .trim()
            .split('\n').length,
      ),
    ),
  );
}
