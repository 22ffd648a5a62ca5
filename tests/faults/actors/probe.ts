import { askAcl } from './ask.ts';
import { openLane, type Lane } from './lane.ts';
import type { Host } from '../stage/stage.ts';
import type { Asker, Topic, World } from './world.ts';

/** Checks about one who has just been ended, on each host at once and whatever other checks wait for. */
export type Probe = (asker: Asker, topic?: Topic) => void;

/** Beyond this many unanswered probes of a host it gets no more. */
const mostWaiting = 64;
const asksPerProbe = 2;

/**
 * Makes the probes of a world. A checker that waits for a service which stands still can't ask it anything; so each probe
 * takes a connection on which nothing is under way.
 */
export function createProbe(world: Omit<World, 'probe'>): Probe {
  const idle = new Map<Host, Lane[]>(world.stage.hosts.map((host) => [host, []]));
  const waiting = new Map<Host, number>();
  const stable = world.topics.filter(({ isStable }) => isStable);

  async function probeOn(host: Host, asker: Asker, topic: Topic): Promise<void> {
    const lanes = idle.get(host) ?? [];
    const underWay = waiting.get(host) ?? 0;
    if (underWay >= mostWaiting) return;
    waiting.set(host, underWay + 1);
    const lane = lanes.pop() ?? openLane(host.webhookPort);
    for (let asks = 0; asks < asksPerProbe && world.isOpen(); asks += 1)
      await askAcl(world, { lane, host }, { asker, topic, random: world.random });
    waiting.set(host, (waiting.get(host) ?? 1) - 1);
    if (world.isOpen()) lanes.push(lane);
    else lane.close();
  }

  return (asker, topic = world.random.pick(stable)) => {
    for (const host of world.stage.hosts) void probeOn(host, asker, topic);
  };
}
