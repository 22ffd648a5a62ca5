import { runClosedLoops } from '../load/closed-loops.ts';
import { openRedis, type RedisConnection } from '../load/redis-connection.ts';
import type { Contender } from '../measurement.ts';

/** The name under which the floor of everything that writes is shown. */
export const durableWrite = 'one durable Redis write';

/** SET by `count` connections at once: with `appendfsync always` Redis answers when it is on disk. */
export async function durableWriteContender(
  redisUrl: string,
  count: number,
  open: AsyncDisposableStack,
): Promise<Contender> {
  const connections = await Promise.all(Array.from({ length: count }, () => openRedis(redisUrl)));
  open.defer(() => connections.forEach((connection) => connection.close()));
  const operations = connections.map((connection, index) => () => writeDurably(connection, `bench:${index}`));
  return { system: durableWrite, measure: (limits) => runClosedLoops(operations, limits) };
}

/** One such write, of a key that the bench may write; undefined when it succeeded, else what Redis said. */
export async function writeDurably(connection: RedisConnection, key: string): Promise<string | undefined> {
  const answer = await connection.send('SET', key, 'x'.repeat(200));
  return answer === 'OK' ? undefined : answer;
}
