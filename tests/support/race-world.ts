import type { Test } from 'tap';
import { checkAcl } from '../../services/core/check/check-acl.ts';
import { createRandom } from './random.ts';
import { openRacedChanges } from './raced-changes.ts';
import { openRacedService, type Bug } from './raced-service.ts';
import { openRememberedGrants, type RememberedGrants } from './remembered-grants.ts';
import { createSlowRedis } from './slow-redis.ts';

/** What one run came to. */
export interface Outcome {
  readonly violations: number;
  readonly remembered: number;
  readonly hits: number;
  readonly denials: number;
  readonly revocations: number;
}

interface Names {
  readonly username: string;
  readonly clientId: string;
}

const steps = 1000;
const asked = { topic: 'room/a', access: 'write' } as const;

/**
 * Lets two brokers ask one webhook service while sessions, roles and rules change, the lease is lost and comes back, and
 * entries are pushed out; a seed decides what happens next, to each single await. Counts grants that no state since the start
 * of their check allows.
 */
export async function runRaces(t: Test, path: string, seed: number, bug: Bug = {}): Promise<Outcome> {
  const random = createRandom(seed);
  const redis = createSlowRedis();
  const service = openRacedService(t, path, redis, bug);
  const changes = openRacedChanges(redis, service, random);
  const brokers = [openRememberedGrants(t, path), openRememberedGrants(t, path)];
  const answers: (() => void)[] = [];
  const outcome = { violations: 0, remembered: 0, hits: 0, denials: 0 };
  let strangers = 0;

  function begin(): void {
    const person = random.pick(changes.people);
    const clientId = random.pick(person.clientIds);
    const broker = random.pick(brokers);
    const subjects = [person.session, person.roles, changes.rules];
    const from = subjects.map(({ acked }) => acked);
    const judge = () => {
      const isRight = subjects.every(({ grants }, index) => grants.slice(from[index]).includes(true));
      if (!isRight) outcome.violations += 1;
    };
    if (!broker.has(clientId)) return void ask(broker, { username: person.uid, clientId }, judge);
    outcome.hits += 1;
    judge();
  }

  async function ask(broker: RememberedGrants, names: Names, judge: () => void): Promise<void> {
    const { clientId } = names;
    const before = broker.snapshot(clientId);
    const result = await checkAcl(service.sources, { ...names, ...asked });
    if (!result.decision.granted) {
      outcome.denials += 1;
      return;
    }
    const header = service.offer?.(clientId, result);
    answers.push(() => {
      judge();
      const seen = bug.snapshotAfter ? broker.snapshot(clientId) : before;
      if (broker.keep(clientId, { clientId, header, before: seen })) outcome.remembered += 1;
    });
  }

  /** Checks of nobody push entries out. */
  function crowd(): void {
    strangers += 1;
    const clientId = `A${'x'.repeat(15)}${String(strangers).padStart(6, '0')}`;
    void checkAcl(service.sources, { username: 'x', clientId, ...asked });
  }

  function turn(): void {
    const isLost = service.isHeld() && random.chance(0.1);
    if (!isLost)
      return service.use.onProlonged(
        { steadyMs: performance.now(), wallMs: Date.now() },
        Math.floor(redis.nowMs()),
      );
    service.use.onLost();
    changes.acknowledgeAll();
  }

  function apply(): void {
    if (changes.apply()) setImmediate(() => bug.afterAck?.());
  }

  const actions: readonly [weight: number, act: () => void][] = [
    [25, begin],
    [35, redis.read],
    [25, redis.answer],
    [20, () => answers.splice(random.below(Math.max(1, answers.length)), 1)[0]?.()],
    [1, changes.revoke],
    [1, changes.changeRoles],
    [1, changes.changeRules],
    [3, apply],
    [2, turn],
    [1.5, crowd],
  ];
  const total = actions.reduce((sum, [weight]) => sum + weight, 0);

  function act(): void {
    let at = random.between(0, total);
    actions.find(([weight]) => (at -= weight) < 0)?.[1]();
  }

  for (let step = 0; step < steps; step += 1) {
    act();
    for (let turns = random.below(8); turns > 0; turns -= 1) await Promise.resolve();
    if (random.chance(0.3)) await new Promise(setImmediate);
  }
  await service.stop();
  return { ...outcome, revocations: changes.revocations() };
}
