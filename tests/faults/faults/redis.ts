import { askRedis } from '../../support/ask-redis.ts';
import type { Fault } from './fault.ts';

/** These servers are there: they answer as soon as a busy machine lets them. */
const patienceMs = 30_000;

/** What an operator of Redis may do by hand, to all servers that there are. */
export const redisFaults: readonly Fault[] = [
  {
    name: 'flush scripts',
    async inject({ redisUrls }, _random, tell) {
      tell('SCRIPT FLUSH');
      for (const url of redisUrls) await askRedis(url, (redis) => redis.script('FLUSH'), patienceMs);
    },
  },
  {
    name: 'kill clients',
    async inject({ redisUrls }, random, tell) {
      const user = random.pick(['webhook', 'session']);
      tell(`CLIENT KILL USER ${user}`);
      for (const url of redisUrls)
        await askRedis(url, (redis) => redis.client('KILL', 'USER', user), patienceMs);
    },
  },
];
