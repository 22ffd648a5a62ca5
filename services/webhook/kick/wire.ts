import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Bytes to a broker, in their order; what is sent before the connection is open goes as soon as it is. */
export interface Wire {
  send(bytes: Buffer): void;
  /** Closes the connection, after what was sent. */
  close(): void;
}

/** Who is told what comes from the broker. */
export interface WireUse {
  onBytes(bytes: Buffer): void;
  /** The connection is over, or could not be opened: then with the reason. */
  onClose(error?: Error): void;
}

const idleMs = 10_000;
const defaultPorts = { 'mqtt:': 1883, 'mqtts:': 8883 } as const;

/** Opens a connection to a `mqtt://`, `mqtts://`, `ws://` or `wss://` address. Certificates are checked as Node is told to. */
export function openWire(brokerUrl: string, use: WireUse): Wire {
  const url = new URL(brokerUrl);
  if (url.protocol === 'mqtt:' || url.protocol === 'mqtts:')
    return overSocket(connect(url, url.protocol), use);
  return overWebSocket(url, use);
}

function connect({ hostname, port }: URL, protocol: keyof typeof defaultPorts): Socket {
  const host = hostname.replace(/^\[(.*)\]$/, '$1'); // An IPv6 address
  const address = { host, port: Number(port) || defaultPorts[protocol] };
  if (protocol === 'mqtt:') return connectTcp({ ...address, noDelay: true });
  return connectTls({ ...address, ...(isIP(host) === 0 && { servername: host }) }).setNoDelay();
}

function overSocket(socket: Socket, { onBytes, onClose }: WireUse): Wire {
  let fault: Error | undefined;
  socket.on('data', onBytes);
  socket.on('error', (error) => (fault = error));
  socket.on('close', () => onClose(fault));
  socket.setTimeout(idleMs, () => void socket.destroy()); // One that can't be opened may take minutes to fail.
  return { send: (bytes) => void socket.write(bytes), close: () => void socket.destroySoon() };
}

/** MQTT in binary frames [MQTT-6.0.0-1]. */
function overWebSocket(url: URL, { onBytes, onClose }: WireUse): Wire {
  const socket = new WebSocket(url, 'mqtt');
  const waiting: Buffer[] = [];
  let fault: Error | undefined;
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => waiting.forEach((bytes) => socket.send(bytes)));
  socket.addEventListener('message', ({ data }) => onBytes(Buffer.from(data as ArrayBuffer)));
  socket.addEventListener('error', ({ error: cause }) => {
    fault = new Error('the WebSocket connection failed', { cause }); // Its own error has no message.
  });
  socket.addEventListener('close', () => onClose(fault));
  return {
    send: (bytes) => void (socket.readyState === WebSocket.OPEN ? socket.send(bytes) : waiting.push(bytes)),
    close: () => socket.close(),
  };
}
