import type { Stack } from '../../../services/stack/stack.ts';
import type { BenchContext } from '../bench-context.ts';
import { conditions } from '../conditions.ts';
import { openListeners, type Listeners } from '../load/listeners.ts';
import { openMqtt, type MqttConnection, type MqttIdentity } from '../load/mqtt-connection.ts';
import { runPublisher } from '../load/publisher.ts';
import { measureInTurns, type Contender, type Group, type Limits, type Measurement } from '../measurement.ts';
import type { Broker } from '../systems/broker-contenders.ts';
import { mintSessions } from '../systems/minted-sessions.ts';
import { mqttIdentity } from '../systems/sign-in.ts';

const listenersPerSession = 10;
const payload = Buffer.alloc(64, 'x');

interface Channel {
  system: string;
  topic: string;
  publisher: MqttConnection;
  listeners: Listeners;
}

/** Publishes with `count` subscribers and each window, over the same connections: only the first has to warm up. */
export async function measureFanOut(
  context: BenchContext,
  brokers: readonly Broker[],
  { row, count, windows }: { row: string; count: number; windows: readonly number[] },
): Promise<Group[]> {
  await using open = new AsyncDisposableStack();
  const channels: Channel[] = [];
  for (const broker of brokers) channels.push(await openChannel(broker, count, open));
  const groups: Group[] = [];
  for (const window of windows) {
    const condition = conditions.publish(window, count);
    context.say(condition);
    const contenders = channels.map((channel) => publishContender(channel, window));
    const warmUpMs = window === windows[0] ? context.settings.warmUpMs : 0;
    const results = await measureInTurns(contenders, { ...context.settings, warmUpMs });
    groups.push({ row, condition, results });
  }
  return groups;
}

/** One account; one session publishes, others listen with ten connections each. The publisher comes first. */
export async function makeCast(stack: Stack, listenerCount: number): Promise<MqttIdentity[]> {
  const sessionsEach = 1 + Math.ceil(listenerCount / listenersPerSession);
  const [[publisher, ...others] = []] = await mintSessions(stack, { accounts: 1, sessionsEach });
  if (!publisher) throw new TypeError('there is nobody to publish');
  const numbers = Array.from({ length: listenersPerSession }, (_, n) => n);
  const listeners = others.flatMap((session) => numbers.map((n) => mqttIdentity(session, `listener-${n}`)));
  return [mqttIdentity(publisher, 'publisher'), ...listeners];
}

async function openChannel(
  { system, port, identities: [publisher, ...listeners] }: Broker,
  listenerCount: number,
  open: AsyncDisposableStack,
): Promise<Channel> {
  if (!publisher) throw new TypeError('there is nobody to publish');
  const topic = `users/${publisher.username}/bench`;
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
