import { connect } from 'node:net';

/** Sends bytes as they are; returns everything that comes back until the service closes. */
export function speak(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => (answer += chunk));
  socket.on('close', () => resolve(answer));
  socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  return promise;
}
