import { connect, type Socket } from 'node:net';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';
import { DEADLINE_MS } from './broker-process.ts';

export type Version = 4 | 5;
export type Qos = 0 | 1 | 2;

/** A client that sends exactly the packets it is told to, and reports each packet that comes back as a word. */
export interface RawClient {
  send: (packet: Packet) => void;
  /** The next event: a packet as `describe` words it, or `closed`. */
  next: () => Promise<string>;
  /** All events until the answer to a ping that is sent now, or up to and including `closed`. */
  settle: () => Promise<string[]>;
  /** Cuts the connection without DISCONNECT, so that the broker sends the will. */
  drop: () => Promise<void>;
  /** Leaves with DISCONNECT. */
  leave: () => Promise<void>;
}

export interface SignIn {
  port: number;
  version?: Version | 3;
  clientId: string;
  username?: string;
  password?: string | Buffer;
  clean?: boolean;
  will?: IConnectPacket['will'];
}

/** Opens a connection and sends CONNECT; the first event is the broker's answer. */
export function openClient(signIn: SignIn): RawClient {
  const version = signIn.version ?? 5;
  const socket = connect(signIn.port, '127.0.0.1');
  const events = listen(socket, version);
  const send = (packet: Packet) => void socket.write(generate(packet, { protocolVersion: version }));
  send(connectPacket(signIn, version));

  const settle = async () => {
    send({ cmd: 'pingreq' });
    const seen: string[] = [];
    for (;;) {
      const event = await events.next();
      if (event === 'pingresp') return seen;
      seen.push(event);
      if (event === 'closed') return seen;
    }
  };
  const drop = async () => {
    socket.destroy();
    while ((await events.next()) !== 'closed');
  };
  const leave = async () => {
    send({ cmd: 'disconnect', reasonCode: 0 } as Packet);
    while ((await events.next()) !== 'closed');
  };
  return { send, next: events.next, settle, drop, leave };
}

/** Signs in, and throws unless it is granted. */
export async function signIn(options: SignIn): Promise<RawClient> {
  const client = openClient(options);
  const answer = await client.next();
  if (answer !== 'connack 0') throw new Error(`Sign-in of ${options.clientId}: ${answer}`);
  return client;
}

/** Publishes and, for QoS 2, releases; resolves with all events that follow. */
export async function publish(client: RawClient, topic: string, qos: Qos, payload = 'x'): Promise<string[]> {
  client.send({ cmd: 'publish', topic, payload, qos, messageId: 7, dup: false, retain: false });
  const events = await client.settle();
  const isReceived =
    qos === 2 && events[0]?.startsWith('pubrec') && Number(events[0].split(' ')[1] ?? 0) < 0x80;
  if (!isReceived) return events;
  client.send({ cmd: 'pubrel', messageId: 7 });
  return [...events, ...(await client.settle())];
}

/** Keeps a message for later subscribers. */
export async function publishRetained(client: RawClient, topic: string, payload: string): Promise<void> {
  client.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: true });
  await client.settle();
}

/** Subscribes to one filter; resolves with all events that follow. */
export async function subscribe(client: RawClient, topic: string, qos: Qos): Promise<string[]> {
  client.send({ cmd: 'subscribe', messageId: 8, subscriptions: [{ topic, qos }] } as Packet);
  return client.settle();
}

function listen(socket: Socket, version: number): { next: () => Promise<string> } {
  const queue: string[] = [];
  let wake = () => {};
  const push = (event: string) => {
    queue.push(event);
    wake();
  };
  const reader = parser({ protocolVersion: version });
  reader.on('packet', (packet: Packet) => push(describe(packet)));
  reader.on('error', (error: unknown) => push(`unreadable: ${String(error)}`));
  socket.on('data', (bytes) => reader.parse(bytes));
  socket.on('error', () => {}); // a reset is told by 'close', as any other end
  socket.on('close', () => push('closed'));

  const next = async () => {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (queue.length === 0) {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        deadline.onabort = () => reject(new Error(`No event within ${DEADLINE_MS} ms.`));
      });
    }
    return queue.shift() ?? '';
  };
  return { next };
}

function connectPacket(signIn: SignIn, version: Version | 3): Packet {
  const packet: IConnectPacket = {
    cmd: 'connect',
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion: version,
    clientId: signIn.clientId,
    clean: signIn.clean ?? true,
    keepalive: 60,
  };
  if (signIn.username !== undefined) packet.username = signIn.username;
  if (signIn.password !== undefined) packet.password = Buffer.from(signIn.password as string);
  if (signIn.will) packet.will = signIn.will;
  if (version === 5 && signIn.clean === false) packet.properties = { sessionExpiryInterval: 3600 };
  return packet;
}

/** A packet as a word and its code: `connack 5`, `puback 135`, `publish a/b=text`. MQTT 3 codes only where they exist. */
function describe(packet: Packet): string {
  switch (packet.cmd) {
    case 'connack':
      return `connack ${packet.reasonCode ?? packet.returnCode}`;
    case 'publish':
      return `publish ${packet.topic}=${packet.payload.toString()}`;
    case 'suback':
      return `suback ${(packet.granted as number[]).join(',')}`;
    case 'puback':
    case 'pubrec':
    case 'disconnect': {
      const code = (packet as { reasonCode?: number }).reasonCode;
      return code ? `${packet.cmd} ${code}` : packet.cmd;
    }
    default:
      return packet.cmd;
  }
}
