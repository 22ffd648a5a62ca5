import { setTimeout as delay } from 'node:timers/promises';
import { newUid, partitionOf } from '../../../services/core/ids.ts';
import { eventsKey, rulesKey } from '../../../services/core/redis/keys.ts';
import type { Random } from '../../support/random.ts';
import type { RedisGroup } from '../../support/redis-group.ts';
import type { RedisNode } from '../../support/redis-node.ts';
import type { Fault } from './fault.ts';

const restMs = 5_000;

/** Sentinels take a primary for lost after 1.5 s, the nodes of a cluster after 2 s. */
const lostMs = [1_500, 3_000] as const;
const tooShortMs = [50, 400] as const;

/** What happens to the primaries of Redis where replicas can take their places. */
export const failOverFaults: readonly Fault[] = [
  toPrimary('lose a primary', async (group, { old, key, random, tell }) => {
    tell('is killed, and started again after the fail-over');
    await old.kill();
    await group.untilPromoted(old, key);
    await delay(random.between(0, 500));
    await old.start();
  }),
  toPrimary('freeze a primary', async (group, { old, key, random, tell }) => {
    const pauseMs = random.between(...lostMs);
    tell(`stands still for ${pauseMs.toFixed()} ms and a fail-over`);
    old.pause();
    await Promise.all([delay(pauseMs), group.untilPromoted(old, key)]);
    old.resume();
  }),
  toPrimary('pause a primary', async (_group, { old, random, tell }) => {
    const pauseMs = random.between(...tooShortMs);
    tell(`stands still for ${pauseMs.toFixed()} ms`);
    old.pause();
    await delay(pauseMs);
    old.resume();
  }),
];

interface Chosen {
  readonly old: RedisNode;
  readonly key: string;
  readonly random: Random;
  readonly tell: (what: string) => void;
}

/** A fault of the primary of the rules, or of some people; it is over when all replicas are there again. */
function toPrimary(name: string, harm: (group: RedisGroup, chosen: Chosen) => Promise<void>): Fault {
  return {
    ...{ name, restMs },
    missing: ({ group }) => (group ? undefined : 'one Redis has no replica (REDIS=sentinel, REDIS=cluster)'),
    async inject({ group }, random, tell) {
      if (group === undefined) return;
      const [whose, key] = random.chance(0.4)
        ? ['the rules', rulesKey]
        : ['some people', eventsKey(partitionOf(newUid()))];
      const old = await group.primaryOf(key);
      await harm(group, {
        old,
        key,
        random,
        tell: (what) => tell(`${old.name}, primary of ${whose}, ${what}`),
      });
      await group.untilReplicated();
    },
  };
}
