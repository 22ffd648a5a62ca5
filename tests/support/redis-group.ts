import type { RedisNode, redisPasswords } from './redis-node.ts';

/** Several servers of Redis, whose replicas take the place of primaries that are lost. */
export interface RedisGroup {
  readonly nodes: readonly RedisNode[];
  /** What the services get as REDIS_URL, for one of the users of redis/users.acl or `test`. */
  url(user: keyof typeof redisPasswords): string;
  /** The address of one server, for the user with all rights. */
  directUrl(node: RedisNode): string;
  /** The primary that has a key, as others see it now. */
  primaryOf(key: string): Promise<RedisNode>;
  /** Returns the new primary of a key, once the others take it for that. */
  untilPromoted(old: RedisNode, key: string): Promise<RedisNode>;
  /** Returns once each primary has its replicas, caught up. */
  untilReplicated(): Promise<void>;
  stop(): Promise<void>;
}
