import { setTimeout as delay } from 'node:timers/promises';
import { openMqtt, subscribe, type MqttConnection, type MqttIdentity } from './mqtt-connection.ts';
import { encodePublish } from './mqtt-packets.ts';

/** Subscribers that count what they are sent. */
export interface Listeners {
  /** Waits until each has got `perListener` messages since the last call; returns how many never came. */
  takeMissing(perListener: number): Promise<number>;
  close(): void;
}

const patienceMs = 5_000;
const readEveryMs = 5;

/**
 * Opens one subscriber at QoS 0 for each identity. Real ones run elsewhere, so these take as little of the broker's
 * processor as they can: each reads what has come every 5 ms, and as all messages are the same, counts bytes.
 */
export async function openListeners(
  port: number,
  identities: readonly MqttIdentity[],
  message: { topic: string; payload: Buffer },
): Promise<Listeners> {
  const messageBytes = encodePublish(message.topic, message.payload).length;
  const connections = await Promise.all(identities.map((identity) => openMqtt(port, identity)));
  await Promise.all(connections.map((connection) => subscribe(connection, message.topic)));
  let receivedBytes = 0;
  let resting: MqttConnection[] = [];
  for (const connection of connections) {
    connection.onBytesWhenResumed((chunk) => {
      receivedBytes += chunk.length;
      resting.push(connection);
    });
  }
  const timer = setInterval(() => {
    for (const connection of resting) connection.resume();
    resting = [];
  }, readEveryMs);

  return {
    async takeMissing(perListener) {
      const awaitedBytes = perListener * connections.length * messageBytes;
      const deadlineMs = performance.now() + patienceMs;
      while (receivedBytes < awaitedBytes && performance.now() < deadlineMs) await delay(readEveryMs);
      const missing = (awaitedBytes - receivedBytes) / messageBytes;
      receivedBytes = 0;
      return Math.abs(missing);
    },
    close: () => {
      clearInterval(timer);
      for (const connection of connections) connection.close();
    },
  };
}
