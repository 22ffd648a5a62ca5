import { connect } from 'node:net';
import { createFrameCutter, type OnFrame } from './mqtt-frames.ts';
import { encodeConnect, encodeSubscribe, packetTypes } from './mqtt-packets.ts';

/** Who connects. The broker without auth is sent the same bytes. */
export interface MqttIdentity {
  clientId: string;
  username: string;
  password: string;
}

/** A raw MQTT 5 connection that has been accepted. */
export interface MqttConnection {
  write(bytes: Buffer): void;
  /** From now on each packet goes here. */
  onFrame(handler: OnFrame): void;
  /** From now on bytes go here uncut, one read for each `resume`. */
  onBytesWhenResumed(handler: (chunk: Buffer) => void): void;
  resume(): void;
  /** Resolves when the connection has ended, by whomever, with the time of performance.now(). */
  closed: Promise<number>;
  close(): void;
}

const timeoutMs = 10_000;
const successCode = 0;

/** Shared by all connections: what is read is used up before the next read, and a buffer each would slow connects. */
const readBuffer = Buffer.allocUnsafe(65_536);

/** Connects and signs in; throws an Error with the broker's reason code if it is refused. */
export async function openMqtt(port: number, identity: MqttIdentity): Promise<MqttConnection> {
  const packet = encodeConnect(identity);
  const connection = openSocket(port);
  const accepted = nextFrame(connection, packetTypes.connack);
  connection.write(packet);
  const [, reasonCode] = await accepted;
  if (reasonCode !== successCode) throw new Error(`CONNECT refused with ${hex(reasonCode)}`);
  return connection;
}

/** Subscribes at QoS 0; throws an Error with the broker's reason code if it is refused. */
export async function subscribe(connection: MqttConnection, filter: string): Promise<void> {
  const granted = nextFrame(connection, packetTypes.suback);
  connection.write(encodeSubscribe(filter, 1));
  const reasonCode = (await granted).at(-1);
  if (reasonCode !== successCode) throw new Error(`SUBSCRIBE refused with ${hex(reasonCode)}`);
}

/** A reason code as the standard writes it. */
export function hex(code: number | undefined): string {
  return code === undefined ? 'nothing' : `0x${code.toString(16).padStart(2, '0')}`;
}

function openSocket(port: number): MqttConnection {
  let onBytes: (chunk: Buffer) => void = () => {};
  let readsOn = true;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (length) => {
        onBytes(readBuffer.subarray(0, length));
        return readsOn;
      },
    },
  });
  socket.on('error', () => {}); // A reset is told by `closed`, as any other end.
  const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
  return {
    write: (bytes) => void socket.write(bytes),
    onBytesWhenResumed: (handler) => {
      onBytes = handler;
      readsOn = false;
    },
    resume: () => void socket.resume(),
    onFrame: (handler) => void (onBytes = createFrameCutter(handler)),
    closed,
    close: () => void socket.destroy(),
  };
}

/** The content of the next packet of a type. */
function nextFrame(connection: MqttConnection, awaited: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(new Error(`no packet of type ${awaited}`)), timeoutMs);
  void connection.closed.then(() => reject(new Error('connection closed by the broker')));
  connection.onFrame((type, bytes, start, end) => {
    if (type === awaited) resolve(Buffer.from(bytes.subarray(start, end)));
  });
  return promise.finally(() => clearTimeout(timer));
}
