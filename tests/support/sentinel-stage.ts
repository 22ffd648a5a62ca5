import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { askRedis, infoOf } from './ask-redis.ts';
import { prepareRedis, prepareSentinel, redisPasswords, renderUsers, type RedisNode } from './redis-node.ts';
import { makeTestFolder } from './stack.ts';
import { until } from './until.ts';

/** A primary, its replicas and three Sentinels, as docs/scale-out.md describes them. */
export interface SentinelStage {
  readonly redises: readonly RedisNode[];
  readonly sentinels: readonly RedisNode[];
  /** What the services get as REDIS_URL: `redis+sentinel://…`, for one of the users of redis/users.acl or `test`. */
  url(user: keyof typeof redisPasswords): string;
  /** The address of one server, for the user with all rights. */
  directUrl(redis: RedisNode): string;
  /** The server that most Sentinels take for the primary now. */
  primary(): Promise<RedisNode>;
  replicas(): Promise<RedisNode[]>;
  /** Returns the new primary, once Sentinels name another one than `old` and it takes writes. */
  untilPromoted(old: RedisNode): Promise<RedisNode>;
  /** Returns once `count` replicas are connected to the primary and caught up. */
  untilReplicated(count?: number): Promise<void>;
  stop(): Promise<void>;
}

/** What a test may want otherwise. */
export interface SentinelOptions {
  /** 1 by default. */
  replicas?: number;
  /** After so long without an answer a server counts as down; 500 by default. */
  downAfterMs?: number;
  /** Lines of redis.conf for every Redis; `min-replicas-to-write 1` with a lag of 10 s by default. */
  settings?: readonly string[];
}

const primaryName = 'bednet';
const host = '127.0.0.1';
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
  { replicas = 1, downAfterMs = 500, settings }: SentinelOptions = {},
): Promise<SentinelStage> {
  const home = join(folder, 'sentinel');
  mkdirSync(home);
  const aclText = renderUsers(home, { added: [sentinelUser] });
  const redises: RedisNode[] = [];
  for (let i = 0; i <= replicas; i += 1) {
    const first = redises[0];
    const role = first === undefined ? [] : [`replicaof ${host} ${first.port}`];
    const lines = [
      ...role,
      ...replicaLines,
      ...(settings ?? ['min-replicas-to-write 1', 'min-replicas-max-lag 10']),
    ];
    redises.push(await prepareRedis({ folder: home, name: `redis-${i + 1}`, aclText }, () => lines));
  }
  const sentinels = await Promise.all(
    [1, 2, 3].map((i) =>
      prepareSentinel({ folder: home, name: `sentinel-${i}` }, () =>
        sentinelLines(redises[0]?.port ?? 0, downAfterMs),
      ),
    ),
  );
  const stage = stageOf(redises, sentinels);
  await Promise.all(redises.map((redis) => redis.start()));
  await Promise.all(sentinels.map((sentinel) => sentinel.start()));
  await stage.untilReplicated(replicas);
  await untilKnown(sentinels, replicas);
  return stage;
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

function stageOf(redises: readonly RedisNode[], sentinels: readonly RedisNode[]): SentinelStage {
  const query = `sentinel_password=${redisPasswords.sentinel}`;
  const places = sentinels.map(({ port }) => `${host}:${port}`).join(',');
  const directUrl = ({ port }: RedisNode) => `redis://test:${redisPasswords.test}@${host}:${port}`;

  async function primary(): Promise<RedisNode> {
    const named = await Promise.all(sentinels.map(askPrimaryPort));
    const isMost = (port: number) => named.filter((each) => each === port).length * 2 > sentinels.length;
    const found = redises.find(({ port }) => isMost(port));
    if (found === undefined) throw new Error(`the Sentinels name ${named.join(', ')}`);
    return found;
  }

  return {
    ...{ redises, sentinels, directUrl, primary },
    url: (user) => `redis+sentinel://${user}:${redisPasswords[user]}@${places}/${primaryName}?${query}`,
    async replicas() {
      const first = await primary();
      return redises.filter((redis) => redis !== first);
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
    untilReplicated: (count = redises.length - 1) =>
      until(async () => (await confirmedBy(directUrl(await primary()), count)) >= count, {
        what: `${count} replicas`,
        timeoutMs: 20_000,
      }),
    async stop() {
      for (const node of [...sentinels, ...redises]) {
        await node.kill();
        node.release();
      }
    },
  };
}

/** Sentinels find one another and the replicas by and by; a fail-over before that would find nobody to promote. */
async function untilKnown(sentinels: readonly RedisNode[], replicas: number): Promise<void> {
  for (const { port } of sentinels) {
    const isKnown = async () => {
      const info = await infoOf(`redis://:${redisPasswords.sentinel}@${host}:${port}`);
      return info.includes(`slaves=${replicas},sentinels=${sentinels.length}`) && info.includes('status=ok');
    };
    await until(isKnown, { what: 'Sentinels that know all', timeoutMs: 20_000 });
  }
}

function askPrimaryPort({ port }: RedisNode): Promise<number | undefined> {
  return askRedis(`redis://:${redisPasswords.sentinel}@${host}:${port}`, async (redis) =>
    Number(((await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName)) as string[] | null)?.[1]),
  ).catch(() => undefined);
}

/** How many replicas have a write that is made now. */
function confirmedBy(url: string, count: number): Promise<number> {
  return askRedis(url, async (redis) => {
    await redis.set('bn:{A}:barrier', '1', 'EX', 60);
    return redis.wait(count, 500);
  }).catch(() => 0);
}
