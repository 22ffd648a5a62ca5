import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { infoOf } from './ask-redis.ts';
import {
  askPrimaryPort,
  confirmedBy,
  host,
  primaryName,
  untilKnown,
  type Scheme,
} from './sentinel-questions.ts';
import type { RedisGroup } from './redis-group.ts';
import { prepareRedis, prepareSentinel, redisPasswords, renderUsers, type RedisNode } from './redis-node.ts';
import type { RedisTls } from './redis-tls.ts';
import { makeTestFolder } from './stack.ts';
import { until } from './until.ts';

/** A primary, its replicas and three Sentinels, as docs/scale-out.md describes them. */
export interface SentinelStage extends RedisGroup {
  readonly sentinels: readonly RedisNode[];
  /** The server that most Sentinels take for the primary now. */
  primary(): Promise<RedisNode>;
  replicas(): Promise<RedisNode[]>;
  /** Returns the new primary, once Sentinels name another one than `old` and it takes writes. */
  untilPromoted(old: RedisNode): Promise<RedisNode>;
  /** Returns once `count` replicas are connected to the primary and caught up; all of them by default. */
  untilReplicated(count?: number): Promise<void>;
}

/** What a test may want otherwise. */
export interface SentinelOptions {
  /** 1 by default. */
  replicas?: number;
  /** After so long without an answer a server counts as down; 1500 by default, as a busy machine may take its time. */
  downAfterMs?: number;
  /** Lines of redis.conf for every Redis; `min-replicas-to-write 1` with a lag of 10 s by default. */
  settings?: readonly string[];
  tls?: RedisTls;
}

const sentinelUser = [
  `user sentinel on >${redisPasswords.sentinel} &* -@all +multi +slaveof +ping +exec +subscribe +config|rewrite`,
  '+role +publish +info +client|setname +client|kill +script|kill',
].join(' ');

/** Starts the servers for `t`, and stops them at its end. */
export async function startSentinelsFor(t: Test, options: SentinelOptions = {}): Promise<SentinelStage> {
  const stage = await startSentinels(makeTestFolder(t), options);
  t.teardown(() => stage.stop());
  return stage;
}

/** Starts the servers in a folder that is there; returns when Sentinels know them all and replicas are caught up. */
export async function startSentinels(
  folder: string,
  { replicas = 1, downAfterMs = 1500, settings, tls }: SentinelOptions = {},
): Promise<SentinelStage> {
  const home = join(folder, 'sentinel');
  mkdirSync(home);
  const aclText = renderUsers(home, { added: [sentinelUser] });
  const nodes: RedisNode[] = [];
  const tlsLines = (port: number) => tls?.lines(port) ?? [];
  for (let i = 0; i <= replicas; i += 1) {
    const first = nodes[0];
    const role = first === undefined ? [] : [`replicaof ${host} ${first.port}`];
    const lines = [
      ...role,
      ...replicaLines,
      ...(settings ?? ['min-replicas-to-write 1', 'min-replicas-max-lag 10']),
    ];
    nodes.push(
      await prepareRedis({ folder: home, name: `redis-${i + 1}`, aclText }, (port) => [
        ...lines,
        ...tlsLines(port),
      ]),
    );
  }
  const sentinels = await Promise.all(
    [1, 2, 3].map((i) =>
      prepareSentinel({ folder: home, name: `sentinel-${i}` }, (port) => [
        ...tlsLines(port),
        ...sentinelLines(nodes[0]?.port ?? 0, downAfterMs),
      ]),
    ),
  );
  const scheme = tls ? 'rediss' : 'redis';
  const stage = stageOf(nodes, sentinels, scheme);
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await Promise.all(sentinels.map((sentinel) => sentinel.start()));
    await stage.untilReplicated(replicas);
    await untilKnown(sentinels, replicas, scheme);
    return stage;
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

const replicaLines = [
  'masteruser replica',
  `masterauth ${redisPasswords.replica}`,
  'repl-diskless-sync-delay 0',
];

function sentinelLines(port: number, downAfterMs: number): string[] {
  return [
    `requirepass ${redisPasswords.sentinel}`,
    `sentinel sentinel-pass ${redisPasswords.sentinel}`,
    `sentinel monitor ${primaryName} ${host} ${port} 2`,
    `sentinel auth-user ${primaryName} sentinel`,
    `sentinel auth-pass ${primaryName} ${redisPasswords.sentinel}`,
    `sentinel down-after-milliseconds ${primaryName} ${downAfterMs}`,
    `sentinel failover-timeout ${primaryName} 3000`,
    `sentinel parallel-syncs ${primaryName} 5`,
  ];
}

function stageOf(
  nodes: readonly RedisNode[],
  sentinels: readonly RedisNode[],
  scheme: Scheme,
): SentinelStage {
  const query = `sentinel_password=${redisPasswords.sentinel}`;
  const places = sentinels.map(({ port }) => `${host}:${port}`).join(',');
  const directUrl = ({ port }: RedisNode) => `${scheme}://test:${redisPasswords.test}@${host}:${port}`;

  async function primary(): Promise<RedisNode> {
    const named = await Promise.all(sentinels.map((sentinel) => askPrimaryPort(sentinel, scheme)));
    const isMost = (port: number) => named.filter((each) => each === port).length * 2 > sentinels.length;
    const found = nodes.find(({ port }) => isMost(port));
    if (found === undefined) throw new Error(`the Sentinels name ${named.join(', ')}`);
    return found;
  }

  const confirmedByReplicas = async (count: number) => {
    const now = await primary().catch(() => undefined);
    return now === undefined ? 0 : confirmedBy(directUrl(now), count);
  };

  return {
    ...{ nodes, sentinels, directUrl, primary, primaryOf: primary },
    url: (user) => `${scheme}+sentinel://${user}:${redisPasswords[user]}@${places}/${primaryName}?${query}`,
    async replicas() {
      const first = await primary();
      return nodes.filter((node) => node !== first);
    },
    async untilPromoted(old) {
      let found: RedisNode = old;
      const isThere = async () => {
        found = await primary().catch(() => old);
        return found !== old && (await infoOf(directUrl(found))).includes('role:master');
      };
      await until(isThere, { what: 'another primary', timeoutMs: 20_000 });
      return found;
    },
    untilReplicated: (count = nodes.length - 1) =>
      until(async () => (await confirmedByReplicas(count)) >= count, {
        what: `${count} replicas`,
        timeoutMs: 20_000,
      }),
    async stop() {
      for (const node of [...sentinels, ...nodes]) {
        await node.kill();
        node.release();
      }
    },
  };
}
