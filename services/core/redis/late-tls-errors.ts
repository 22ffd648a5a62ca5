import { subscribe } from 'node:diagnostics_channel';
import { TLSSocket } from 'node:tls';

let isSubscribed = false;

/**
 * Keeps an error that a TLS connection tells after its first one from ending the process: a server may answer the refusal of
 * its certificate with an alert, and ioredis hears only the first error. It does so for its inner connections, too, which
 * nobody else gets to see; so this is for all TLS clients of the process. Once is enough.
 */
export function outliveLateTlsErrors(): void {
  if (isSubscribed) return;
  isSubscribed = true;
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: unknown };
    if (socket instanceof TLSSocket) socket.on('error', () => {}); // Those that matter have a listener of their own.
  });
}
