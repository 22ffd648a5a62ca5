import { setTimeout as delay } from 'node:timers/promises';
import { settle } from '../history/history.ts';
import type { Change } from '../history/registers.ts';
import type { Random } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { dataOf, openSessionLane, type Lane } from './lane.ts';
import type { Operator } from './operator.ts';
import { count, type Topic, type World } from './world.ts';

const pauseMs = [300, 1_500] as const;
const retryMs = 20;
const accesses = ['read', 'write', 'subscribe'];

/** Puts rules in force that allow all topics, before anybody is there. */
export async function allowAllTopics(world: World, operator: Operator): Promise<void> {
  const lane = openSessionLane(world);
  const startMs = performance.now();
  const put = () => putRules({ lane, operator, denied: new Set(), topics: world.topics });
  await until(put, { what: 'rules that are in force' });
  const endMs = performance.now();
  for (const { register } of world.topics)
    settle(world.history.addChange(register, { allows: true, startMs, label: 'first rules' }), endMs);
  lane.close();
}

/** Denies one topic after the other, and allows it again. */
export async function runRules(world: World, operator: Operator, random: Random): Promise<void> {
  const lane = openSessionLane(world);
  const { topics } = world;
  const changeable = topics.filter(({ isStable }) => !isStable);
  const denied = new Set<Topic>();
  while (world.isOpen()) {
    await delay(random.between(...pauseMs));
    const topic = random.pick(changeable);
    const allows = denied.has(topic);
    if (allows) denied.delete(topic);
    else denied.add(topic);
    const tries: Change[] = [];
    for (let isDone = false; !isDone && world.isOpen();) {
      const startMs = performance.now();
      const label = allows ? 'rules allow' : 'rules deny';
      tries.push(world.history.addChange(topic.register, { allows, startMs, label }));
      isDone = await putRules({ lane, operator, denied, topics });
      if (isDone) settleLast(tries);
      else await delay(retryMs);
    }
    const [asker] = world.askers;
    if (!allows && asker) world.probe(asker, topic);
    count(world, allows ? 'rules that allow' : 'revocation: rules that deny');
  }
  lane.close();
}

/** An earlier try can't take effect any more, as the version that it was made from is not in force. */
function settleLast(tries: readonly Change[]): void {
  const endMs = performance.now();
  for (const change of tries) change.endMs = endMs;
  const last = tries.at(-1);
  if (last) settle(last, endMs);
}

/** Replaces the rules that are in force; whether that is known to be done. */
async function putRules({
  lane,
  operator,
  denied,
  topics,
}: {
  lane: Lane;
  operator: Operator;
  denied: ReadonlySet<Topic>;
  topics: readonly Topic[];
}): Promise<boolean> {
  const inForce = await operator.ask(lane, 'GET', '/rules');
  if (inForce?.status !== 200) return false;
  const { version } = dataOf<{ version: string }>(inForce);
  const rules = [
    { effect: 'allow', access: accesses, filter: 't/#' },
    ...topics
      .filter((topic) => denied.has(topic))
      .map(({ name }) => ({ effect: 'deny', access: accesses, filter: `${name}/#` })),
  ];
  const roles = { user: { rules }, device: { rules }, admin: { permissions: ['*'] } };
  const answer = await operator.ask(lane, 'PUT', '/rules', { version, roles });
  return answer?.status === 200;
}
