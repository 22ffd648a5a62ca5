import type { BenchContext, Row } from '../bench-context.ts';
import { openListeners, type Listeners } from '../load/listeners.ts';
import { openMqtt, type MqttConnection, type MqttIdentity } from '../load/mqtt-connection.ts';
import { runPublisher } from '../load/publisher.ts';
import { measureInTurns, type Contender, type Group, type Limits, type Measurement } from '../measurement.ts';
import { startBrokers, type Broker } from '../systems/broker-contenders.ts';
import { nginxProgram } from '../systems/nginx.ts';
import { mqttIdentity, registerAccount, signIn } from '../systems/sign-in.ts';

const windows = [1, 20];
const listenerCounts = [0, 5, 50];
const listenersPerSession = 10;
const payload = Buffer.alloc(64, 'x');

interface Cast {
  publisher: MqttIdentity;
  listeners: MqttIdentity[];
  topic: string;
}

interface Channel {
  system: string;
  topic: string;
  publisher: MqttConnection;
  listeners: Listeners;
}

/** QoS 1 publish → PUBACK through the broker, which asks once per publish and once per delivery. */
export const publishRow: Row = {
  name: 'publish',
  programs: nginxProgram,
  async measure(context) {
    await using open = new AsyncDisposableStack();
    const brokers = await startBrokers(context, 'publish', open);
    const cast = await signInCast(context, Math.max(...listenerCounts));
    const groups: Group[] = [];
    for (const count of listenerCounts) {
      await using channelsOpen = new AsyncDisposableStack();
      const channels = await Promise.all(
        brokers.map((broker) => openChannel(broker, cast, count, channelsOpen)),
      );
      for (const window of windows) {
        const condition = `QoS 1 publish, window ${window}, ${count} subscribers`;
        context.say(condition);
        const contenders = channels.map((channel) => publishContender(channel, window));
        groups.push({
          row: 'publish',
          condition,
          results: await measureInTurns(contenders, context.settings),
        });
      }
    }
    return groups;
  },
};

/** One account; one session publishes, others listen with ten connections each. */
async function signInCast({ stack }: BenchContext, listenerCount: number): Promise<Cast> {
  const account = await registerAccount(stack.ports.session);
  const publisher = await signIn(stack.ports.session, account);
  const listeners: MqttIdentity[] = [];
  while (listeners.length < listenerCount) {
    const session = await signIn(stack.ports.session, account);
    for (let n = 0; n < listenersPerSession; n++) listeners.push(mqttIdentity(session, `listener-${n}`));
  }
  return {
    publisher: mqttIdentity(publisher, 'publisher'),
    listeners,
    topic: `users/${account.username}/bench`,
  };
}

async function openChannel(
  { system, port }: Broker,
  { publisher, listeners, topic }: Cast,
  listenerCount: number,
  open: AsyncDisposableStack,
): Promise<Channel> {
  const channel = {
    system,
    topic,
    listeners: await openListeners(port, listeners.slice(0, listenerCount), { topic, payload }),
    publisher: await openMqtt(port, publisher),
  };
  open.defer(() => channel.publisher.close());
  open.defer(() => channel.listeners.close());
  return channel;
}

function publishContender(channel: Channel, window: number): Contender {
  return { system: channel.system, measure: (limits) => publishAndCount(channel, window, limits) };
}

/** A delivery that never comes is a failure: a broker that drops messages is no faster. */
async function publishAndCount(channel: Channel, window: number, limits: Limits): Promise<Measurement> {
  const { publisher, listeners, topic } = channel;
  const measurement = await runPublisher(publisher, { topic, payload, window }, limits);
  const missing = await listeners.takeMissing(measurement.count);
  if (missing === 0) return measurement;
  return { ...measurement, errors: { ...measurement.errors, 'delivery missing': missing } };
}
