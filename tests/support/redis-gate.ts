import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

/** A TCP link to Redis that can keep back the answers to some commands while all others pass. */
export interface RedisGate {
  port: number;
  /** Keeps back what Redis answers on connections whose newest request holds this text, until `open`. */
  hold(text: string): void;
  /** How many connections are held up now. */
  held(): number;
  open(): void;
}

/** Opens a gate before the Redis on `redisPort` for the time of `t`. */
export async function openRedisGate(t: Test, redisPort: number): Promise<RedisGate> {
  const links = new Set<{ near: Socket; far: Socket; request: string }>();
  let text: string | undefined;

  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: redisPort, host: '127.0.0.1', noDelay: true });
    const link = { near, far, request: '' };
    links.add(link);
    near.on('data', (bytes) => {
      link.request = bytes.toString('latin1');
      if (isHeld(link)) far.pause();
      far.write(bytes);
    });
    far.on('data', (bytes) => near.write(bytes));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        links.delete(link);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    for (const { near } of links) near.destroy();
  });

  function isHeld({ request }: { request: string }): boolean {
    return text !== undefined && request.includes(text);
  }

  return {
    port: (server.address() as AddressInfo).port,
    hold(wanted) {
      text = wanted;
      for (const link of links) if (isHeld(link)) link.far.pause();
    },
    held: () => [...links].filter(isHeld).length,
    open() {
      text = undefined;
      for (const { far } of links) far.resume();
    },
  };
}
