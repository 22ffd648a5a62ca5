import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'ioredis';
import type { Test } from 'tap';
import { reserveFreePort } from '../../services/stack/ports.ts';
import { askRedis, infoOf } from './ask-redis.ts';
import { host, meet, primaryCount, type ClusterNode } from './cluster-meeting.ts';
import type { RedisGroup } from './redis-group.ts';
import { prepareRedis, redisPasswords, renderUsers, type RedisNode } from './redis-node.ts';
import type { RedisTls } from './redis-tls.ts';
import { makeTestFolder } from './stack.ts';
import { until } from './until.ts';

/** A Redis Cluster of three primaries with a replica each, as docs/scale-out.md describes it. */
export interface ClusterStage extends RedisGroup {
  /** The replica of the primary that has a key. */
  replicaOf(key: string): Promise<RedisNode>;
  /** What a node has refused its users so far, beside wrong passwords: `user command`. */
  refusals(node: RedisNode): Promise<string[]>;
}

const nodeTimeoutMs = 2000;

/** Starts the nodes for `t`, and stops them at its end. */
export async function startClusterFor(t: Test, tls?: RedisTls): Promise<ClusterStage> {
  const stage = await startCluster(makeTestFolder(t), tls);
  t.teardown(() => stage.stop());
  return stage;
}

/** Starts the nodes in a folder that is there; returns when the cluster is whole. */
export async function startCluster(folder: string, tls?: RedisTls): Promise<ClusterStage> {
  const home = join(folder, 'cluster');
  mkdirSync(home);
  const aclText = renderUsers(home, { changeRights: addClusterRights });
  const nodes: ClusterNode[] = [];
  for (let i = 1; i <= 2 * primaryCount; i += 1) {
    const bus = await reserveFreePort(); // The usual one, 10000 above, may be taken.
    const node = await prepareRedis({ folder: home, name: `node-${i}`, aclText }, (port) => [
      ...clusterLines(bus.port),
      ...(tls ? [...tls.lines(port), 'tls-cluster yes'] : []),
    ]);
    nodes.push({ ...node, busPort: bus.port, release: () => (node.release(), bus.release()) });
  }
  const stage = stageOf(nodes, tls ? 'rediss' : 'redis');
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await meet(nodes, stage.directUrl);
    await stage.untilReplicated();
    return stage;
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** What ioredis asks of nodes to know the cluster, as docs/scale-out.md has it. */
function addClusterRights(line: string): string {
  return /^user (session|webhook|cli) /.test(line) ? `${line} ${clusterRights}` : line;
}

const clusterRights = '+cluster|slots +cluster|info +readonly +readwrite +client|setname';

function clusterLines(busPort: number): string[] {
  return [
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-node-timeout ${nodeTimeoutMs}`,
    'cluster-require-full-coverage no',
    'cluster-allow-reads-when-down no',
    `cluster-port ${busPort}`,
    'masteruser replica',
    `masterauth ${redisPasswords.replica}`,
    'repl-diskless-sync-delay 0',
    'min-replicas-to-write 0',
  ];
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** The primary's port, then those of its replicas. */
  readonly ports: readonly number[];
}

function stageOf(nodes: readonly RedisNode[], scheme: 'redis' | 'rediss'): ClusterStage {
  const directUrl = ({ port }: RedisNode) => `${scheme}://test:${redisPasswords.test}@${host}:${port}`;
  const places = nodes.map(({ port }) => `${host}:${port}`).join(',');
  const nodeAt = (port: number | undefined) => nodes.find((node) => node.port === port);

  async function serversOf(key: string): Promise<RedisNode[]> {
    const slot = new Command('get', [key]).getSlot() ?? 0;
    for (const node of nodes) {
      const ranges = await rangesOf(directUrl(node));
      const range = ranges.find(({ from, to }) => from <= slot && slot <= to);
      if (range) return range.ports.map(nodeAt).filter((each) => each !== undefined);
    }
    throw new Error(`no node knows who has ${key}`);
  }

  async function isPromoted(key: string, old: RedisNode): Promise<boolean> {
    const slot = new Command('get', [key]).getSlot() ?? 0;
    const maps = await Promise.all(
      nodes.filter((node) => node !== old).map((node) => rangesOf(directUrl(node))),
    );
    const ports = maps.map((ranges) => ranges.find(({ from, to }) => from <= slot && slot <= to)?.ports[0]);
    return ports.every((port) => port !== undefined && port === ports[0] && port !== old.port);
  }

  return {
    ...{ nodes, directUrl },
    url: (user) => `${scheme}+cluster://${user}:${redisPasswords[user]}@${places}`,
    primaryOf: async (key) => (await serversOf(key))[0] as RedisNode,
    async replicaOf(key) {
      // A node names a replica once it has heard how far that one is.
      let found: RedisNode | undefined;
      await until(async () => (found = (await serversOf(key))[1]) !== undefined, { what: 'a replica' });
      return found as RedisNode;
    },
    async untilPromoted(old, key) {
      await until(() => isPromoted(key, old), { what: 'another primary', timeoutMs: 20_000 });
      return (await serversOf(key)).find((node) => node !== old) as RedisNode;
    },
    refusals: (node) =>
      askRedis(directUrl(node), async (redis) =>
        ((await redis.acl('LOG')) as unknown[][]).map((entry) => `${entry[11]} ${entry[7]}`),
      ),
    untilReplicated: () =>
      until(
        async () => {
          const infos = await Promise.all(nodes.map((node) => infoOf(directUrl(node))));
          const primaries = infos.filter((info) => info.includes('role:master'));
          const states = await Promise.all(nodes.map((node) => stateOf(directUrl(node))));
          return (
            primaries.length === primaryCount &&
            primaries.every((info) => /^slave0:.*state=online/m.test(info)) &&
            states.every((state) => state.includes('cluster_state:ok'))
          );
        },
        { what: 'a whole cluster', timeoutMs: 30_000 },
      ),
    async stop() {
      for (const node of nodes) {
        await node.kill();
        node.release();
      }
    },
  };
}

function stateOf(url: string): Promise<string> {
  return askRedis(url, (redis) => redis.cluster('INFO')).catch(() => '');
}

async function rangesOf(url: string): Promise<Range[]> {
  const slots = await askRedis(url, (redis) => redis.cluster('SLOTS')).catch(() => []);
  return (slots as [number, number, ...[string, number][]][]).map(([from, to, ...servers]) => ({
    ...{ from, to },
    ports: servers.map(([, port]) => port),
  }));
}
