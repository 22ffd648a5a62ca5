import type { Fault } from './fault.ts';

/** What an operator of Redis may do by hand. */
export const redisFaults: readonly Fault[] = [
  {
    name: 'flush scripts',
    async inject({ store }, _random, tell) {
      tell('SCRIPT FLUSH');
      await store.redis.script('FLUSH');
    },
  },
  {
    name: 'kill clients',
    async inject({ store }, random, tell) {
      const user = random.pick(['webhook', 'session']);
      tell(`CLIENT KILL USER ${user}`);
      await store.redis.client('KILL', 'USER', user);
    },
  },
];
