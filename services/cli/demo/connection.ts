import { connectAsync, type MqttClient, type Packet } from 'mqtt';
import type { SignedIn } from './session-client.ts';
import { within } from './story.ts';

const timeoutMs = 10_000;

/** The text of the messages that `startTicks` sends. */
export const tickText = 'tick';

/** A message of the demo, as sent and as received. */
export interface Message {
  from: string;
  text: string;
  sentAtMs: number;
}

/** One MQTT 5 connection of a session. It never reconnects by itself. */
export interface Connection {
  client: MqttClient;
  name: string;
  received: Message[];
  openedAtMs: number;
  /** When it was closed, by whomever. */
  closedAtMs: number | undefined;
  /** Resolves with that time. */
  closed: Promise<number>;
}

/** Connects with the session's client id and its access token as password. */
export async function openConnection(
  name: string,
  { access_token, mqtt }: SignedIn,
  url: string,
): Promise<Connection> {
  const client = await connectAsync(
    url,
    {
      protocolVersion: 5,
      clientId: mqtt.client_id,
      username: mqtt.username,
      password: access_token,
      reconnectPeriod: 0,
      connectTimeout: timeoutMs,
      queueQoSZero: false,
    },
    false,
  );
  const closed = Promise.withResolvers<number>();
  const connection: Connection = {
    client,
    name,
    received: [],
    openedAtMs: Date.now(),
    closedAtMs: undefined,
    closed: closed.promise,
  };
  client.on('message', (_topic, payload) =>
    connection.received.push(JSON.parse(payload.toString()) as Message),
  );
  client.on('error', () => {}); // The close that follows is what counts.
  client.once('close', () => {
    connection.closedAtMs = Date.now();
    closed.resolve(connection.closedAtMs);
  });
  return connection;
}

/** Tries to connect; returns the reason code of the CONNACK that refuses it. Throws if it is let in, or cut without one. */
export async function expectRefusal(session: SignedIn, url: string): Promise<number> {
  const connection = await openConnection('refused', session, url).catch(
    (error: { code?: unknown }) => error,
  );
  if ('client' in connection) {
    connection.client.end(true);
    throw new Error('the connection was let in');
  }
  if (typeof connection.code !== 'number') throw new Error(`no CONNACK: ${String(connection)}`);
  return connection.code;
}

/** When the other side, or the network, has closed a connection, by Date.now(). */
export function untilClosed({ name, closed }: Connection): Promise<number> {
  return within(timeoutMs, `the end of the connection of ${name}`, closed);
}

/** The reason code of the SUBACK: 0 to 2 = granted QoS, 0x80 and more = refused. */
export async function subscribe({ client, name }: Connection, filter: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const look = (packet: Packet) => {
    if (packet.cmd === 'suback') resolve(Number(packet.granted[0]));
  };
  client.on('packetreceive', look);
  try {
    client.subscribe(filter, { qos: 1 }, () => {}); // Its error says less than the packet.
    return await within(timeoutMs, `SUBACK for ${name}`, promise);
  } finally {
    client.off('packetreceive', look);
  }
}

/** Publishes with QoS 1 and waits until `reader` has it. */
export async function expectDelivery(writer: Connection, reader: Connection, topic: string): Promise<void> {
  const message: Message = { from: writer.name, text: crypto.randomUUID(), sentAtMs: Date.now() };
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (_topic: string, payload: Buffer) => {
    if ((JSON.parse(payload.toString()) as Message).text === message.text) resolve();
  };
  reader.client.on('message', look);
  try {
    const published = writer.client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
    await within(
      timeoutMs,
      `a message from ${writer.name} to ${reader.name}`,
      Promise.all([published, promise]),
    );
  } finally {
    reader.client.off('message', look);
  }
}

/**
 * Publishes every few milliseconds while the connection is open, QoS 1, one at a time: a slow broker gets fewer, and has no
 * queue of them before it comes to other things. `stop` returns when each was sent.
 */
export function startTicks(connection: Connection, topic: string, everyMs: number): { stop(): number[] } {
  const sentAtMs: number[] = [];
  let isUnderWay = false;
  const timer = setInterval(() => {
    if (isUnderWay || !connection.client.connected) return;
    isUnderWay = true;
    const message: Message = { from: connection.name, text: tickText, sentAtMs: Date.now() };
    sentAtMs.push(message.sentAtMs);
    connection.client.publish(topic, JSON.stringify(message), { qos: 1 }, () => (isUnderWay = false)); // Denied or not.
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return sentAtMs;
    },
  };
}
