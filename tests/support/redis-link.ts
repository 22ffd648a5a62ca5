import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

/** A TCP link to Redis that a test can count on, cut and stop. */
export interface RedisLink {
  port: number;
  /** How many times the service has sent something: one per round trip while nothing runs at once. */
  sends(): number;
  /** Ends all connections; new ones are served. */
  cut(): void;
  /** Holds back everything in both directions and accepts new connections without serving them, until `release`. */
  hold(): void;
  release(): void;
}

/** Opens a link to the Redis on `redisPort` for the time of `t`. */
export async function openRedisLink(t: Test, redisPort: number): Promise<RedisLink> {
  const sockets = new Set<Socket>();
  let sends = 0;
  let held = false;

  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: redisPort, host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      if (held) from.pause();
      from.on('data', (bytes) => {
        if (from === near) sends += 1;
        to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    server.close();
    cut();
  });
  return {
    port: (server.address() as AddressInfo).port,
    sends: () => sends,
    cut,
    hold: () => {
      held = true;
      for (const socket of sockets) socket.pause();
    },
    release: () => {
      held = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
