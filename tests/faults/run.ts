import { allowAllTopics, runRules } from './actors/rules.ts';
import { runChecker } from './actors/checkers.ts';
import { runDevices } from './actors/devices.ts';
import { signInOperator, type Operator } from './actors/operator.ts';
import { keepClients, keepSessions, type Crowd } from './actors/people.ts';
import { createPublishes, type Publishes } from './actors/publishes.ts';
import { runRenewer } from './actors/renewers.ts';
import { runRevoker } from './actors/revokers.ts';
import { createWorld, type World } from './actors/world.ts';
import type { Fault } from './faults/fault.ts';
import { runFaults } from './faults/inject.ts';
import { createHistory, type History } from './history/history.ts';
import { until } from '../support/until.ts';
import { createRandom } from '../support/random.ts';
import type { FaultStage } from './stage/stage.ts';

/** How a run is done. */
export interface RunOptions {
  readonly seed: number;
  /** From when people are there. */
  readonly durationMs: number;
  readonly faults: readonly Fault[];
  readonly crowd?: Crowd;
  /** Asked now and then whether it is enough. */
  isOver?(history: History): boolean;
}

/** What happened in a run. */
export interface Run {
  readonly history: History;
  readonly counts: ReadonlyMap<string, number>;
}

const usualCrowd: Crowd = { accounts: 12, sessions: 60, clients: 24 };
const checkersPerHost = 4;
const revokers = 4;
const renewers = 3;
const deviceActors = 5;
const signers = 2;
const askEveryMs = 250;

/** Lets everybody loose on a stage while faults are injected, and returns all that happened. */
export async function run(stage: FaultStage, options: RunOptions): Promise<Run> {
  const random = createRandom(options.seed);
  const history = createHistory();
  const world = createWorld(stage, history, random);
  const operator = await signInOperator(stage);
  await allowAllTopics(world, operator);
  const { crowd = usualCrowd } = options;
  const publishes = createPublishes();
  const people = Promise.all(startPeople(world, crowd, publishes));
  try {
    await Promise.race([untilPeopled(world, crowd), people]);
    const timer = setTimeout(world.close, options.durationMs);
    const watch = setInterval(() => options.isOver?.(history) && world.close(), askEveryMs);
    const endings = startEndings(world, operator, publishes);
    await Promise.all([people, ...endings, runFaults(world, options.faults, random.fork())]);
    clearTimeout(timer);
    clearInterval(watch);
  } finally {
    world.close();
  }
  return { history, counts: world.counts };
}

/** Nothing is ended and nothing broken before somebody is there. */
async function untilPeopled({ askers, history }: World, { sessions }: Crowd): Promise<void> {
  const isPeopled = () => askers.size > sessions / 2 && history.successors.length > 0;
  await until(isPeopled, { what: 'people who have signed in and renewed', timeoutMs: 120_000 });
}

const times = (number: number, start: () => Promise<void>) => Array.from({ length: number }, start);

function startPeople(world: World, crowd: Crowd, publishes: Publishes): Promise<void>[] {
  const { random, stage } = world;
  return [
    ...times(signers, () => keepSessions(world, crowd, random.fork())),
    keepClients(world, crowd, { publishes, random: random.fork() }),
    ...stage.hosts.flatMap((host) => times(checkersPerHost, () => runChecker(world, host, random.fork()))),
    ...times(renewers, () => runRenewer(world, random.fork())),
  ];
}

function startEndings(world: World, operator: Operator, publishes: Publishes): Promise<void>[] {
  const { random } = world;
  return [
    ...times(revokers, () => runRevoker(world, operator, random.fork())),
    ...times(deviceActors, () => runDevices(world, { operator, publishes, random: random.fork() })),
    runRules(world, operator, random.fork()),
  ];
}
