import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { openLaneConnection, type LaneConnection, type LaneUse } from './connection.ts';

/** A short way for the checks of our plugin, past all that reads and writes HTTP for everybody. */
export interface Lane {
  /** Puts the lane before a server's own reading of HTTP, for all connections to come. */
  putBefore(server: Server): void;
  /** Ends the connections in the lane; resolves when the answers that are due have been sent, or nobody has read them in 2 s. */
  close(): Promise<void>;
}

/** Whoever asks nothing by then is Node's: a broker opens a connection to ask at once. */
const firstMs = 1000;

/** Answers that are due, and read, take less. */
export const lastAnswersMs = 2000;

/**
 * Makes the lane. Each connection begins in it; with the first bytes that are nothing for it, it goes to the server and stays
 * there.
 */
export function createLane(answer: LaneUse['answer']): Lane {
  const connections = new Map<Socket, LaneConnection>();
  const { promise: allClosed, resolve: onAllClosed } = Promise.withResolvers<void>();
  let isClosing = false;

  function forget(socket: Socket): void {
    connections.delete(socket);
    if (isClosing && connections.size === 0) onAllClosed();
  }

  return {
    putBefore(server) {
      const [serve] = server.listeners('connection') as ((socket: Socket) => void)[];
      if (serve === undefined) throw new TypeError('the server serves no connections');
      const handOver = (socket: Socket) => {
        forget(socket);
        serve.call(server, socket);
      };
      server.removeAllListeners('connection').on('connection', (socket: Socket) => {
        if (isClosing) return serve.call(server, socket);
        const use = { answer, handOver, firstMs, idleMs: server.keepAliveTimeout };
        connections.set(socket, openLaneConnection(socket, use));
        socket.once('close', () => forget(socket));
      });
    },
    close() {
      isClosing = true;
      for (const connection of connections.values()) connection.end();
      if (connections.size === 0) onAllClosed();
      const timer = setTimeout(() => connections.forEach((_, socket) => socket.destroy()), lastAnswersMs);
      return allClosed.finally(() => clearTimeout(timer));
    },
  };
}
