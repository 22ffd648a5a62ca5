import { setTimeout as delay } from 'node:timers/promises';
import { openMqtt, type MqttConnection } from '../../bench/load/mqtt-connection.ts';
import { encodePublish, encodeSubscribe, packetTypes } from '../../bench/load/mqtt-packets.ts';
import type { Check, Id, Outcome } from '../history/history.ts';
import type { Random } from '../../support/random.ts';
import type { Host } from '../stage/stage.ts';
import type { Publishes } from './publishes.ts';
import type { Asker, Topic, World } from './world.ts';

/** Groups that a topic is divided into, so that a message has few readers. */
const groups = 3;
const reconnectMs = [10, 60] as const;
const thinkMs = [10, 50] as const;
const subscribeAgainMs = 400;
/** Of the messages on one topic and in one group, so that a broker may remember that they were granted. */
const favouriteShare = 0.7;
const hasGivenUpAfter = 2;
/** A connection that nobody has closed is left so long after the end. */
const lingerMs = 2_000;

type Note = Pick<Check, 'kind' | 'outcome' | 'startMs'> & { topic?: Id };

/** An MQTT client of one asker: connects again and again, subscribes, publishes and takes what comes. */
export async function runClient(
  world: World,
  { asker, suffix, random }: { asker: Asker; suffix: string; random: Random },
  publishes: Publishes,
): Promise<void> {
  asker.hasClient = true;
  for (let refusals = 0; world.isOpen() && refusals < hasGivenUpAfter;) {
    const host = random.pick(world.stage.hosts);
    const note = (entry: Note) =>
      world.history.checks.add({
        ...entry,
        credential: asker.credential,
        endMs: performance.now(),
        note: host.name,
      });
    const connection = await connectOnce(host, { asker, suffix, note });
    if (connection === undefined) {
      if (hasEnded(asker)) refusals += 1;
      await delay(random.between(...reconnectMs));
      continue;
    }
    await useConnection(world, connection, { asker, random, note, publishes });
    if (hasEnded(asker)) refusals += 1;
  }
  asker.hasClient = false;
}

async function connectOnce(
  host: Host,
  { asker, suffix, note }: { asker: Asker; suffix: string; note: (entry: Note) => void },
): Promise<MqttConnection | undefined> {
  const { clientId, separator, username, password } = asker;
  const identity = { clientId: `${clientId}${separator}${suffix}`, username, password };
  const startMs = performance.now();
  try {
    const connection = await openMqtt(host.brokerPort, identity);
    note({ kind: 'connect', outcome: 'granted', startMs });
    return connection;
  } catch (error) {
    const isDenial = (error as Error).message.startsWith('CONNECT refused with 0x87');
    note({ kind: 'connect', outcome: isDenial ? 'denied' : 'unknown', startMs });
    return undefined;
  }
}

interface Use {
  asker: Asker;
  random: Random;
  note(entry: Note): void;
  publishes: Publishes;
}

/** Uses a connection until it ends. One publish and one subscription are under way at most. */
async function useConnection(
  world: World,
  connection: MqttConnection,
  { asker, random, note, publishes }: Use,
): Promise<void> {
  const { topics } = world;
  const favourite = random.pick(topics);
  const group = random.below(groups);
  let open = true;
  let acked: ((code: number | undefined) => void) | undefined;
  let subscription: { startMs: number; topic: Topic; answered: boolean } | undefined;

  connection.onFrame((type, bytes, start, end) => {
    if (type === packetTypes.puback) acked?.(end - start > 2 ? bytes[start + 2] : 0);
    if (type === packetTypes.suback && subscription) {
      subscription.answered = true;
      const outcome = codeOutcome(bytes[end - 1]);
      note({ kind: 'subscribe', outcome, startMs: subscription.startMs, topic: subscription.topic.register });
    }
    if (type === packetTypes.publish) {
      const published = publishes.find(bytes.readUInt32BE(end - 4));
      if (published) note({ kind: 'delivery', outcome: 'granted', ...published });
    }
  });
  void connection.closed.then(() => {
    open = false;
    acked?.(undefined);
  });

  const subscribe = () => {
    const topic = random.pick(topics);
    subscription = { startMs: performance.now(), topic, answered: false };
    connection.write(encodeSubscribe(`${topic.name}/${group}`, 1));
  };
  const publish = async () => {
    const topic = random.chance(favouriteShare) ? favourite : random.pick(topics);
    const startMs = performance.now();
    const payload = publishes.add({ startMs, topic: topic.register });
    const answered = new Promise<number | undefined>((resolve) => (acked = resolve));
    connection.write(
      encodePublish(`${topic.name}/${topic === favourite ? group : random.below(groups)}`, payload, 2),
    );
    const code = await answered;
    note({ kind: 'publish', outcome: codeOutcome(code), startMs, topic: topic.register });
  };

  subscribe();
  let subscribedMs = performance.now();
  while (open && world.isOpen() && !hasEnded(asker, lingerMs)) {
    await publish();
    if (subscription?.answered && performance.now() - subscribedMs > subscribeAgainMs) {
      subscribe();
      subscribedMs = performance.now();
    }
    const [least, most] = thinkMs;
    if (open) await delay(world.hot.includes(asker) ? 1 : random.between(least, most));
  }
  connection.close();
}

function hasEnded({ endedMs }: Asker, sinceMs = 0): boolean {
  return performance.now() >= endedMs + sinceMs;
}

/** A reason code: 0x87 is "not authorized"; every other failure says nothing about rights [MQTT 5, 2.4]. */
function codeOutcome(code: number | undefined): Outcome {
  if (code === 0x87) return 'denied';
  return code !== undefined && code < 0x80 ? 'granted' : 'unknown';
}
