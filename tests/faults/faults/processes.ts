import { setTimeout as delay } from 'node:timers/promises';
import type { Part } from '../../../services/stack/part.ts';
import type { Random } from '../../support/random.ts';
import type { FaultStage } from '../stage/stage.ts';
import { startPatiently } from '../stage/start-patiently.ts';
import type { Fault } from './fault.ts';

type Choose = (stage: FaultStage, random: Random) => { part: Part | undefined; name: string };

const webhook: Choose = ({ hosts }, random) => {
  const host = random.pick(hosts);
  return { part: host.webhook, name: `webhook of ${host.name}` };
};
const broker: Choose = ({ hosts }, random) => {
  const host = random.pick(hosts);
  return { part: host.broker, name: `broker of ${host.name}` };
};
const session: Choose = ({ sessions }, random) => random.pick(sessions);
const redis: Choose = ({ redis: part }) => ({ part, name: 'Redis' });

const hasPrimaries = 'there are primaries and replicas';

/** Crashes and pauses of each kind of process. A lease lives 1 s: some pauses are shorter, some longer. */
export const processFaults: readonly Fault[] = [
  pause('pause a webhook', webhook, [50, 700]),
  pause('pause a webhook beyond its lease', webhook, [1_500, 3_500]),
  kill('kill a webhook', webhook),
  pause('pause the session service', session, [50, 1_500]),
  kill('kill the session service', session),
  pause('pause Redis', redis, [50, 1_500]),
  kill('kill Redis', redis),
  pause('pause a broker', broker, [50, 1_000]),
  kill('kill a broker', broker),
];

function pause(name: string, choose: Choose, [leastMs, mostMs]: [number, number]): Fault {
  return {
    name,
    missing: (stage) => (choose === redis && !stage.redis ? hasPrimaries : undefined),
    async inject(stage, random, tell) {
      const chosen = choose(stage, random);
      const pauseMs = random.between(leastMs, mostMs);
      tell(`${chosen.name} stands still for ${pauseMs.toFixed()} ms`);
      chosen.part?.pause();
      await delay(pauseMs);
      chosen.part?.resume();
    },
  };
}

function kill(name: string, choose: Choose): Fault {
  return {
    name,
    missing: (stage) => (choose === redis && !stage.redis ? hasPrimaries : undefined),
    async inject(stage, random, tell) {
      const chosen = choose(stage, random);
      const awayMs = random.between(0, 500);
      tell(`${chosen.name} is killed, and started ${awayMs.toFixed()} ms later`);
      await chosen.part?.kill();
      await delay(awayMs);
      if (chosen.part) await startPatiently(chosen.part);
    },
  };
}
