import type { Measurement } from '../measurement.ts';
import { hex, openMqtt, type MqttConnection, type MqttIdentity } from './mqtt-connection.ts';
import { encodePublish, packetTypes } from './mqtt-packets.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';

/** Publishers that keep to a pace, whether or not they are answered in time. */
export interface PacedPublishers {
  /** Pauses, waits for what is unacknowledged, and returns what was done since the last call; then goes on. */
  take(): Promise<{ measurement: Measurement; skipped: number }>;
  close(): void;
}

/** Most unacknowledged publishes of one connection: Mosquitto's own limit. What is due beyond that is skipped. */
const mostUnacknowledged = 20;
const tickMs = 1;
const patienceMs = 10_000;
const payload = Buffer.alloc(64, 'x');
const success = 0x00;
const noMatchingSubscribers = 0x10;

interface Publisher {
  connection: MqttConnection;
  packets: Buffer[];
  freeIds: number[];
  sentMs: Float64Array;
}

/** What goes on between two calls of `take`. */
interface Pace {
  stopwatch: Stopwatch;
  unacknowledged: number;
  skipped: number;
  /** Messages that are to be sent now; the part behind the point is not due yet. */
  due: number;
  lastMs: number;
  /** The publisher whose turn it is. */
  next: number;
  /** Set while nothing is sent, until all is acknowledged. */
  onDrained?: (() => void) | undefined;
}

/** Opens a connection for each identity; together they publish `perSecond` messages with QoS 1, each to its own topic. */
export async function openPacedPublishers(
  port: number,
  identities: readonly MqttIdentity[],
  perSecond: number,
): Promise<PacedPublishers> {
  const pace: Pace = { ...startRound(), unacknowledged: 0, due: 0, lastMs: performance.now(), next: 0 };
  const publishers: Publisher[] = [];
  for (const identity of identities) publishers.push(await openPublisher(port, identity, pace));
  const timer = setInterval(() => sendDue(pace, publishers, perSecond), tickMs);
  return {
    async take() {
      const { seconds } = pace.stopwatch.stop();
      await untilDrained(pace);
      // What was sent before the call counts, however late its answer came; the time that this took does not.
      const taken = { measurement: { ...pace.stopwatch.stop(), seconds }, skipped: pace.skipped };
      Object.assign(pace, startRound());
      return taken;
    },
    close() {
      clearInterval(timer);
      for (const { connection } of publishers) connection.close();
    },
  };
}

function startRound(): Pick<Pace, 'stopwatch' | 'skipped'> {
  return { stopwatch: startStopwatch({ durationMs: Infinity, maxCount: Infinity }), skipped: 0 };
}

/** Sends what the pace asks for since the last time; what nobody may send now is skipped, so that no burst follows. */
function sendDue(pace: Pace, publishers: readonly Publisher[], perSecond: number): void {
  const nowMs = performance.now();
  pace.due += ((nowMs - pace.lastMs) / 1000) * perSecond;
  pace.lastMs = nowMs;
  if (pace.onDrained) return void (pace.due = 0);
  for (let tried = 0; pace.due >= 1 && tried < publishers.length; tried++) {
    const sent = publishDue(publishers[pace.next++ % publishers.length] as Publisher, Math.floor(pace.due));
    pace.unacknowledged += sent;
    pace.due -= sent;
  }
  pace.skipped += Math.floor(pace.due);
  pace.due %= 1;
}

async function untilDrained(pace: Pace): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  pace.onDrained = resolve;
  if (pace.unacknowledged === 0) resolve();
  const timer = setTimeout(() => {
    pace.stopwatch.failed('no PUBACK', pace.unacknowledged);
    resolve();
  }, patienceMs);
  await promise;
  clearTimeout(timer);
  pace.onDrained = undefined;
}

/** Returns how many it sent, in one write: no more than it may have unacknowledged. */
function publishDue({ connection, packets, freeIds, sentMs }: Publisher, due: number): number {
  const ids = freeIds.splice(0, due);
  if (ids.length === 0) return 0;
  const nowMs = performance.now();
  for (const id of ids) sentMs[id] = nowMs;
  connection.write(Buffer.concat(ids.map((id) => packets[id - 1] as Buffer)));
  return ids.length;
}

async function openPublisher(port: number, identity: MqttIdentity, pace: Pace): Promise<Publisher> {
  const topic = `users/${identity.username}/bench`;
  const connection = await openMqtt(port, identity);
  const freeIds = Array.from({ length: mostUnacknowledged }, (_, index) => index + 1);
  const packets = freeIds.map((id) => encodePublish(topic, payload, id));
  const sentMs = new Float64Array(mostUnacknowledged + 1);
  connection.onFrame((type, bytes, start, end) => {
    if (type !== packetTypes.puback) return;
    const id = bytes.readUInt16BE(start);
    const reasonCode = end - start > 2 ? bytes[start + 2] : success;
    if (reasonCode === success || reasonCode === noMatchingSubscribers)
      pace.stopwatch.succeeded(sentMs[id] ?? 0);
    else pace.stopwatch.failed(`PUBACK ${hex(reasonCode)}`);
    freeIds.push(id);
    pace.unacknowledged -= 1;
    if (pace.unacknowledged === 0) pace.onDrained?.();
  });
  return { connection, packets, freeIds, sentMs };
}
