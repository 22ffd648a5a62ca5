import { connect } from 'node:net';

/** An answer's status and its body as text. */
export interface HttpAnswer {
  status: number;
  body: string;
}

/** One keep-alive connection with one request under way at a time. */
export interface HttpConnection {
  /** Sends the bytes of a request; rejects when the connection ends before its answer, or after 10 s. */
  send(request: Buffer): Promise<HttpAnswer>;
  close(): void;
}

const timeoutMs = 10_000;

/**
 * Opens a connection to a server on the loopback address. It reads no more of HTTP than these servers write
 * (Content-Length, no chunks), because a whole client, node:http or undici, takes longer than the server under test.
 */
export async function openHttp(port: number): Promise<HttpConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setTimeout(timeoutMs);
  let received = '';
  let waiting: PromiseWithResolvers<HttpAnswer> | undefined;

  const end = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
    socket.destroy();
  };
  socket.on('timeout', () => waiting && end(new Error(`no answer in ${timeoutMs / 1000} s`)));
  socket.on('error', end);
  socket.on('close', () => end(new Error('connection closed by the server')));
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    try {
      const answer = takeAnswer(received);
      if (!answer) return;
      received = '';
      const { resolve } = waiting ?? {};
      waiting = undefined;
      resolve?.(answer);
    } catch (error) {
      end(error as Error);
    }
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));

  return {
    send(request) {
      if (socket.destroyed) return Promise.reject(new Error('connection closed by the server'));
      waiting = Promise.withResolvers<HttpAnswer>();
      socket.write(request);
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
}

/** The bytes of a request with a JSON body, or without one. */
export function httpRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: object,
): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: bednet-bench',
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

/** The answer in `received`, or undefined while it is not whole. Throws on anything but one answer of known length. */
export function takeAnswer(received: string): HttpAnswer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd + 2);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *([0-9]+)\r\n/i.exec(head)?.[1];
  if (length === undefined && status !== 204) throw new Error('an answer without Content-Length');
  const missing = headEnd + 4 + Number(length ?? 0) - received.length;
  if (missing > 0) return undefined;
  if (missing < 0) throw new Error('more bytes than one answer');
  return { status, body: received.slice(headEnd + 4) };
}
