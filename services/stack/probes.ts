import { connect } from 'node:net';
import type { PartName } from './part-names.ts';
import type { Ports } from './settings.ts';

/** A machine that is busy with other things is no fault of a part. */
const timeoutMs = 3000;

/** Throws an Error that says what is wrong unless the part answers as it should. */
export async function probePart(part: PartName, ports: Ports, stackPassword: string): Promise<void> {
  switch (part) {
    case 'redis':
      return probeRedis(ports.redis, stackPassword);
    case 'mosquitto':
      return probeBroker(ports.mqtt, ports.websocket);
    case 'session':
      return probeService(ports.session);
    case 'webhook':
      return probeService(ports.webhook);
  }
}

/** Redis is healthy when it lets its watcher in and has loaded its file (else `-LOADING`). */
async function probeRedis(port: number, password: string): Promise<void> {
  const answer = await ask(
    port,
    Buffer.from(`AUTH stack ${password}\r\nPING\r\n`),
    '+OK\r\n+PONG\r\n'.length,
  );
  const text = answer.toString();
  if (text !== '+OK\r\n+PONG\r\n') throw new Error(`redis answers ${text.trim()}`);
}

/**
 * The broker is healthy when it answers a CONNECT without credentials with a CONNACK, and its WebSocket listener
 * with the upgrade that MQTT needs [MQTT-6.0.0-4].
 */
async function probeBroker(mqttPort: number, websocketPort: number): Promise<void> {
  const connectPacket = Buffer.from('\x10\x19\x00\x04MQTT\x04\x02\x00\x05\x00\x0dbednet-health', 'latin1');
  const connack = await ask(mqttPort, connectPacket, 4);
  if (connack[0] !== 0x20) throw new Error('the broker answers a CONNECT with something else than a CONNACK');
  const upgrade = [
    'GET /mqtt HTTP/1.1',
    `Host: 127.0.0.1:${websocketPort}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: mqtt',
    '\r\n',
  ].join('\r\n');
  const status = (await ask(websocketPort, Buffer.from(upgrade), 12)).toString();
  if (!status.startsWith('HTTP/1.1 101')) throw new Error(`the WebSocket listener answers ${status}`);
}

async function probeService(port: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(`http://127.0.0.1:${port}/health`, { signal }).catch((error: Error) => {
    throw new Error(`GET /health: ${(error.cause as Error | undefined)?.message ?? error.message}`);
  });
  await response.body?.cancel();
  if (response.status !== 200) throw new Error(`GET /health answers ${response.status}`);
}

/** Sends `question` and returns the first `length` bytes that come back. */
async function ask(port: number, question: Buffer, length: number): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1' });
  const timer = setTimeout(
    () => socket.destroy(new Error(`port ${port}: no answer in ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    socket.write(question);
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length >= length || answer[0] === 0x2d) break; // 0x2d = `-`, an error of Redis
    }
    return answer.subarray(0, answer[0] === 0x2d ? answer.length : length);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
