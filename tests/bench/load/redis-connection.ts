import { connect } from 'node:net';

/** A raw connection to Redis with one command under way at a time. */
export interface RedisConnection {
  /** Sends one command; returns the first line of its answer. Rejects on an error answer. */
  send(...words: string[]): Promise<string>;
  close(): void;
}

/** Connects and signs in with the user and password of a `redis://` address. */
export async function openRedis(address: string): Promise<RedisConnection> {
  const { port, username, password } = new URL(address);
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  let waiting: PromiseWithResolvers<string> | undefined;
  const end = (error: Error) => waiting?.reject(error);
  socket.on('error', end);
  socket.on('close', () => end(new Error('connection closed by Redis')));
  socket.on('data', (chunk: Buffer) => {
    const [line = ''] = chunk.toString().split('\r\n');
    if (line.startsWith('-')) waiting?.reject(new Error(`Redis: ${line.slice(1)}`));
    else waiting?.resolve(line.slice(1));
  });

  const connection: RedisConnection = {
    send(...words) {
      waiting = Promise.withResolvers<string>();
      socket.write(encodeCommand(words));
      return waiting.promise;
    },
    close: () => socket.destroy(),
  };
  await connection.send('AUTH', username, password);
  return connection;
}

/** RESP: an array of bulk strings. */
function encodeCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}
