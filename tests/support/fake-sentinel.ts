import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';
import { host, primaryName } from './sentinel-questions.ts';

/** What a Sentinel answers; an error begins with `-`. */
export interface SentinelWords {
  /** The port of the server that it names as the primary. */
  readonly primaryPort: number;
  /** Its answer to CKQUORUM. */
  readonly quorum?: string;
}

/** A Sentinel of a test, which says what the test wants it to. */
export interface FakeSentinel {
  readonly port: number;
  /** How many connections listen to its news. */
  listeners(): number;
  /** Tells them of a fail-over to another port; it names the same primary as before when it is asked. */
  tellSwitch(port: number): void;
}

/** Opens one for the time of `t`, which lets everybody in. */
export async function openFakeSentinel(t: Test, words: SentinelWords): Promise<FakeSentinel> {
  const sockets = new Set<Socket>();
  const listeners = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // It closes.
    socket.on('close', () => [sockets, listeners].forEach((each) => each.delete(socket)));
    readRequests(socket, (request) => {
      if (request[0]?.toLowerCase() === 'subscribe') listeners.add(socket);
      socket.write(answerTo(request, words));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    listeners: () => listeners.size,
    tellSwitch(port) {
      const news = `${primaryName} ${host} ${words.primaryPort} ${host} ${port}`;
      for (const socket of listeners) socket.write(`>3\r\n${bulk('message', '+switch-master', news)}`);
    },
  };
}

/** Takes requests apart, whose words hold no line ends. */
function readRequests(socket: Socket, onRequest: (words: string[]) => void): void {
  let lines: string[] = [''];
  socket.on('data', (bytes) => {
    lines = (lines.join('\r\n') + bytes.toString()).split('\r\n');
    for (;;) {
      const length = 1 + 2 * Number(lines[0]?.slice(1));
      if (lines[0] === '' || lines.length <= length) return;
      const request = lines.splice(0, length);
      onRequest(request.filter((_, index) => index > 0 && index % 2 === 0));
    }
  });
}

function answerTo(request: readonly string[], { primaryPort, quorum = '+OK' }: SentinelWords): string {
  const [command = '', question = ''] = request.map((word) => word.toLowerCase());
  if (command === 'subscribe') return `>3\r\n${bulk(...request)}:1\r\n`;
  if (command !== 'sentinel') return '+OK\r\n';
  if (question === 'get-master-addr-by-name') return `*2\r\n${bulk(host, String(primaryPort))}`;
  return question === 'ckquorum' ? `${quorum}\r\n` : '*0\r\n';
}

function bulk(...words: readonly string[]): string {
  return words.map((word) => `$${word.length}\r\n${word}\r\n`).join('');
}
