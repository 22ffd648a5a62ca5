import { askRedis } from '../../support/ask-redis.ts';
import type { Fault } from './fault.ts';

/** What an operator of Redis may do by hand, to all servers that there are. */
export const redisFaults: readonly Fault[] = [
  {
    name: 'flush scripts',
    async inject({ redisUrls }, _random, tell) {
      tell('SCRIPT FLUSH');
      for (const url of redisUrls) await askRedis(url, (redis) => redis.script('FLUSH'));
    },
  },
  {
    name: 'kill clients',
    async inject({ redisUrls }, random, tell) {
      const user = random.pick(['webhook', 'session']);
      tell(`CLIENT KILL USER ${user}`);
      for (const url of redisUrls) await askRedis(url, (redis) => redis.client('KILL', 'USER', user));
    },
  },
];
