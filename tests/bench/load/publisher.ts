import type { Limits, Measurement } from '../measurement.ts';
import { hex, type MqttConnection } from './mqtt-connection.ts';
import { encodePublish, packetTypes } from './mqtt-packets.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';

/** What is published, and how many publishes may be unacknowledged. */
export interface PublishLoad {
  topic: string;
  payload: Buffer;
  window: number;
}

const patienceMs = 10_000;
const success = 0x00;
const noMatchingSubscribers = 0x10;

/**
 * Publishes with QoS 1, the next as soon as one is acknowledged, until the limits are reached; then waits for the
 * rest. An operation's time is from its PUBLISH to its PUBACK. A denial counts as a failure: MQTT 5 tells it.
 */
export async function runPublisher(
  connection: MqttConnection,
  load: PublishLoad,
  limits: Limits,
): Promise<Measurement> {
  const packets = Array.from({ length: load.window }, (_, index) =>
    encodePublish(load.topic, load.payload, index + 1),
  );
  const stopwatch = startStopwatch(limits);
  const drained = keepWindowFull(connection, packets, stopwatch);
  const timer = AbortSignal.timeout(patienceMs + limits.durationMs);
  const gaveUp = new Promise<string>((resolve) => {
    timer.onabort = () => resolve('no PUBACK');
    void connection.closed.then(() => resolve('connection closed by the broker'));
  });
  const failure = await Promise.race([drained, gaveUp]);
  if (failure) stopwatch.failed(failure);
  return stopwatch.stop();
}

/** Resolves when nothing is sent any more and all is acknowledged. Packet id n is the n-th packet. */
function keepWindowFull(
  connection: MqttConnection,
  packets: readonly Buffer[],
  stopwatch: Stopwatch,
): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const sentMs = new Float64Array(packets.length + 1).fill(performance.now());
  let underWay = packets.length;
  let batch: Buffer[] = [];

  const flush = () => {
    if (batch.length > 0) connection.write(batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch));
    batch = [];
    if (underWay === 0) resolve(undefined);
  };
  connection.onFrame((type, bytes, start, end) => {
    if (type !== packetTypes.puback) return;
    const id = bytes.readUInt16BE(start);
    const nowMs = performance.now();
    const reasonCode = end - start > 2 ? bytes[start + 2] : success;
    if (reasonCode === success || reasonCode === noMatchingSubscribers) {
      stopwatch.succeeded(sentMs[id] ?? nowMs, nowMs);
    } else stopwatch.failed(`PUBACK ${hex(reasonCode)}`);
    underWay -= 1;
    // One write for all that one read acknowledged.
    if (batch.length === 0) queueMicrotask(flush);
    if (!stopwatch.isOpen()) return;
    sentMs[id] = nowMs;
    underWay += 1;
    batch.push(packets[id - 1] as Buffer);
  });
  connection.write(Buffer.concat(packets));
  return promise;
}
