import { randomBytes } from 'node:crypto';
import { startCluster } from '../../support/cluster-stage.ts';
import type { RedisGroup } from '../../support/redis-group.ts';
import { startSentinels } from '../../support/sentinel-stage.ts';

/** One Redis, or a primary with a replica and three Sentinels, or a cluster of three primaries with a replica each. */
export type RedisChoice = 'single' | 'sentinel' | 'cluster';

/** The Redis of a stage. */
export interface StageRedis {
  /** Servers beside the stack's; undefined = the stack's own Redis. */
  readonly group: RedisGroup | undefined;
  /** A user with all rights, for users.acl of the stack's own Redis. */
  readonly userLine: string;
  /** What that user connects to, given the port of the stack's own Redis. */
  url(port: number): string;
  /** The addresses of all servers, for that user. */
  directUrls(port: number): readonly string[];
}

/** Starts the servers of a group; `open` stops them. */
export async function startRedis(
  choice: RedisChoice,
  folder: string,
  open: AsyncDisposableStack,
): Promise<StageRedis> {
  const group = await startGroup(choice, folder);
  if (group) open.defer(group.stop);
  const password = randomBytes(32).toString('base64url');
  const ownUrl = (port: number) => `redis://faults:${password}@127.0.0.1:${port}`;
  return {
    group,
    userLine: `user faults on >${password} ~* &* +@all`,
    url: (port) => group?.url('test') ?? ownUrl(port),
    directUrls: (port) => group?.nodes.map(group.directUrl) ?? [ownUrl(port)],
  };
}

async function startGroup(choice: RedisChoice, folder: string): Promise<RedisGroup | undefined> {
  switch (choice) {
    case 'single':
      return undefined;
    case 'sentinel':
      return startSentinels(folder);
    case 'cluster':
      return startCluster(folder);
  }
}
