import { setTimeout as delay } from 'node:timers/promises';
import type { Limits, Measurement } from '../measurement.ts';
import { openMqtt, subscribe, type MqttIdentity } from './mqtt-connection.ts';
import { encodePublish, packetTypes } from './mqtt-packets.ts';
import { startStopwatch } from './stopwatch.ts';

/** Messages come in pairs, as from a device that reports two values. */
export const pairEveryMs = 50;

const payloadBytes = 64;
const settleMs = 300;

/** One publisher and subscribers that read at once, as a page does: from each PUBLISH to each of its deliveries. */
export async function measureDeliveries(
  port: number,
  [publisher, ...subscribers]: readonly MqttIdentity[],
  limits: Limits,
): Promise<Measurement> {
  if (!publisher) throw new TypeError('there is nobody to publish');
  const topic = `users/${publisher.username}/bench`;
  const connections = await Promise.all(subscribers.map((identity) => openMqtt(port, identity)));
  await Promise.all(connections.map((connection) => subscribe(connection, topic)));
  const sender = await openMqtt(port, publisher);
  const stopwatch = startStopwatch(limits);
  let sent = 0;
  for (const connection of connections) {
    connection.onFrame((type, bytes, _, end) => {
      if (type === packetTypes.publish) stopwatch.succeeded(bytes.readDoubleBE(end - payloadBytes));
    });
  }
  const untilMs = performance.now() + limits.durationMs;
  while (performance.now() < untilMs) {
    sender.write(stampedPublish(topic));
    sender.write(stampedPublish(topic));
    sent += 2;
    await delay(pairEveryMs);
  }
  await delay(settleMs);
  const measurement = stopwatch.stop();
  for (const connection of [sender, ...connections]) connection.close();
  const missing = sent * connections.length - measurement.count;
  const errors = missing === 0 ? {} : { 'delivery missing': missing };
  return { ...measurement, seconds: Number.NaN, errors };
}

/** QoS 0, with the time of its sending in the payload. */
function stampedPublish(topic: string): Buffer {
  const payload = Buffer.alloc(payloadBytes);
  payload.writeDoubleBE(performance.now());
  return encodePublish(topic, payload);
}
