import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../../services/stack/stack.ts';
import type { Row } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { startLoad } from '../load/load-thread.ts';
import type { MqttIdentity } from '../load/mqtt-connection.ts';
import { openPacedPublishers } from '../load/paced-publishers.ts';
import type { StormTask } from '../load/storm-program.ts';
import { median } from '../statistics.ts';
import { sumUp, type Figure, type Group, type Measurement } from '../measurement.ts';
import { startBrokers, type Broker } from '../systems/broker-contenders.ts';
import { mintSessions } from '../systems/minted-sessions.ts';
import { assertFilesEnough } from '../systems/file-limit.ts';
import { nginxProgram } from '../systems/nginx.ts';
import { mqttIdentity } from '../systems/sign-in.ts';

const bystanderCount = 100;
const bystandersPerSecond = 1000;
const clientCount = 5000;
const sessionsPerAccount = 20;
const connectionsPerSession = 5;
const restMs = 600;

/** As many as Mosquitto's listen queue holds, so that the kernel drops no SYN. */
const atOnce = 100;

/** Of the broker, and of this process: the clients, the bystanders, and some. */
const filesNeeded = 6000;

/** What a round of one broker told, and in which group it is shown. */
interface StormRound {
  rest: Measurement;
  during: Measurement;
  storm: Measurement;
  /** Publishes of bystanders during the storm that could not be sent when they were due, as too many were unanswered. */
  skipped: number;
}

/** 5,000 clients connect as fast as they are let in, while 100 others publish at their pace. */
export const stormRow: Row = {
  name: 'storm',
  programs: nginxProgram,
  async measure(context) {
    assertFilesEnough(readFileSync('/proc/self/limits', 'utf8'), filesNeeded);
    await using open = new AsyncDisposableStack();
    context.say(`${clientCount} clients connect while ${bystanderCount} others publish`);
    const brokers = await startBrokers(context, { row: 'storm', signIn }, open);
    const rounds = new Map(brokers.map((broker): [Broker, StormRound[]] => [broker, []]));
    for (let round = 0; round < context.settings.rounds; round++) {
      for (const [broker, measured] of rounds) measured.push(await measureRound(broker));
    }
    return toGroups(rounds);
  },
};

/** 1,020 sessions of 51 accounts, five connections each. */
async function signIn(stack: Stack): Promise<MqttIdentity[]> {
  const accounts = (bystanderCount + clientCount) / sessionsPerAccount / connectionsPerSession;
  const minted = await mintSessions(stack, { accounts, sessionsEach: sessionsPerAccount });
  const numbers = Array.from({ length: connectionsPerSession }, (_, n) => n);
  return minted.flat().flatMap((session) => numbers.map((n) => mqttIdentity(session, `storm-${n}`)));
}

async function measureRound({ port, identities }: Broker): Promise<StormRound> {
  const bystanders = identities.slice(0, bystanderCount);
  const publishers = await openPacedPublishers(port, bystanders, bystandersPerSecond);
  try {
    await delay(restMs / 2);
    await publishers.take();
    await delay(restMs);
    const rest = await publishers.take();
    const task: StormTask = { port, identities: identities.slice(bystanderCount), atOnce };
    const thread = await startLoad('storm-program.ts', task);
    await publishers.take();
    await thread.done;
    const during = await publishers.take();
    const storm = await thread.end();
    return { rest: rest.measurement, during: during.measurement, storm, skipped: during.skipped };
  } finally {
    publishers.close();
  }
}

function toGroups(rounds: ReadonlyMap<Broker, StormRound[]>): Group[] {
  const sumUpAll = (part: 'rest' | 'during' | 'storm') =>
    [...rounds].map(([{ system }, measured]) =>
      sumUp(
        system,
        measured.map((round) => round[part]),
      ),
    );
  const rest = sumUpAll('rest');
  const during = sumUpAll('during');
  const figures: Figure[] = rest.map(({ system, p99Ms }, index) => ({
    name: `p99 during the storm / at rest: ${system}`,
    value: (during[index]?.p99Ms ?? Number.NaN) / p99Ms,
  }));
  for (const [{ system }, measured] of rounds) {
    const value = median(measured.map(({ skipped }) => skipped));
    figures.push({ name: `publishes not sent in time: ${system}`, value });
  }
  const { bystandersAtRest, bystandersInStorm, storm } = conditions;
  return [
    { row: 'storm', condition: bystandersAtRest, results: rest },
    { row: 'storm', condition: bystandersInStorm, results: during, figures },
    { row: 'storm', condition: storm, results: sumUpAll('storm') },
  ];
}
