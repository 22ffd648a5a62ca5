import { askRedis, infoOf } from './ask-redis.ts';
import { redisPasswords, type RedisNode } from './redis-node.ts';
import { until } from './until.ts';

export const host = '127.0.0.1';
export const primaryName = 'bednet';

/** With or without TLS. */
export type Scheme = 'redis' | 'rediss';

/** Sentinels find one another and the replicas by and by; a fail-over before that would find nobody to promote. */
export async function untilKnown(
  sentinels: readonly RedisNode[],
  replicas: number,
  scheme: Scheme,
): Promise<void> {
  for (const { port } of sentinels) {
    const isKnown = async () => {
      const info = await infoOf(`${scheme}://:${redisPasswords.sentinel}@${host}:${port}`);
      return info.includes(`slaves=${replicas},sentinels=${sentinels.length}`) && info.includes('status=ok');
    };
    await until(isKnown, { what: 'Sentinels that know all', timeoutMs: 20_000 });
  }
}

/** The port of the server that a Sentinel takes for the primary; undefined if it does not say. */
export function askPrimaryPort({ port }: RedisNode, scheme: Scheme): Promise<number | undefined> {
  return askRedis(`${scheme}://:${redisPasswords.sentinel}@${host}:${port}`, async (redis) =>
    Number(((await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName)) as string[] | null)?.[1]),
  ).catch(() => undefined);
}

/** How many replicas have a write that is made now. */
export function confirmedBy(url: string, count: number): Promise<number> {
  return askRedis(url, async (redis) => {
    await redis.set('bn:{A}:barrier', '1', 'EX', 60);
    return redis.wait(count, 500);
  }).catch(() => 0);
}
